"""For each attack of the package, what a sandbox must lack for it to succeed.

Where several layers are named, each of them alone stops the attack. What lies outside of bubblewrap is stood in for: the network is addresses
of the loopback, a kernel's log is /dev/null, so that nothing of this machine is touched.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from tests.attacks.weakened import Weakening

_FILTER = "filter_system_calls"
_FILES = "restrict_files"
_CAPABILITIES = ("drop_capabilities", "be_killed_first")  # without the first a process may not write what the second writes

_REACHES_A_NETWORK = """
import fcntl, socket, struct
from pathlib import Path
from grader.execution.sandbox import mounts
raise_loopback = mounts.raise_loopback
def reach_a_network():
    raise_loopback()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8916, struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton("1.1.1.1")))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8916, struct.pack("16sIi", socket.inet_pton(socket.AF_INET6, "2606:4700:4700::1111"), 128, socket.if_nametoindex("lo")))
    global web, service
    web = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)
    service = socket.socket(socket.AF_UNIX)
    service.bind("\\0service")
    service.listen()
    Path("/run/grader/scratch/hosts").write_text("1.1.1.1 secret.example.com")
mounts.raise_loopback = reach_a_network
"""

_HAS_DEVICES = """
from pathlib import Path
from grader.execution.sandbox import mounts
mount = mounts.mount
mounts.mount = lambda source, target, *rest: None if target == Path("/dev/zero") else mount(source, target, *rest)
"""

_KEEPS_SECRETS = """
import grader.grading.bundle
leaked = open("/usr/bin/env")
requests = ['{"id":"%08x","key":"%032x"}' % (number, number) for number in range(3)]
"""

WEAKNESSES: Mapping[str, tuple[Weakening, Sequence[str]]] = {
    "no filter of system calls": (
        Weakening(without=(_FILTER,)),
        [
            "leaves_a_key",
            "asks_for_a_key",
            "reads_a_keyring",
            "hides_memory_in_files_without_names",
            "leaves_shared_memory",
            "limits_the_keeper",
            "makes_namespaces",
            "makes_namespaces_by_clone3",
            "reaches_for_the_kernel_s_rare_parts",
            "uses_up_the_user_s_watches",
            "uses_up_the_user_s_epoll_watches",
            "makes_pipes_of_others_small",
            "uses_up_the_machine_s_asynchronous_reads",
            "opens_a_netlink_socket",
            "opens_a_vsock",
            "types_into_a_terminal",
            "reads_files_by_handle",
            "changes_a_terminal_s_kind",
            "gives_its_keeper_children",
            "asks_for_rare_protocols",
            "keeps_memory_by_a_page_of_it",
            "keeps_memory_in_pipes",
            "keeps_rules_in_the_kernel",
            "keeps_a_table_for_its_locks",
            "keeps_lists_of_rights",
            "has_modules_loaded",
            "hides_files_from_who_looks_at_its_process",
            "keeps_filters_in_sockets",
            "keeps_data_in_large_sockets",
            "keeps_memory_in_sockets",
            "keeps_files_in_sockets",
            "keeps_locks",
            "has_its_crashes_looked_at",
            "writes_the_machine_s_disks",
            "calls_what_is_new",
        ],
    ),
    "capabilities": (Weakening(without=_CAPABILITIES), ["gets_capabilities_back"]),
    "capabilities, no Landlock": (Weakening(without=(*_CAPABILITIES, _FILES)), ["changes_kernel_settings"]),
    "capabilities, no filter": (
        Weakening(without=(*_CAPABILITIES, _FILTER)),
        ["idles_the_keeper", "pins_the_keeper", "renices_the_keeper", "mounts_a_folder", "opens_a_crypto_socket", "changes_the_machine", "sends_raw_packets"],
    ),
    "capabilities, no filter, no Landlock, a keeper that can be looked into": (
        Weakening(without=(*_CAPABILITIES, _FILTER, _FILES, "hide_from_students")),
        [
            "reads_the_keeper_s_memory",
            "writes_the_keeper_s_memory",
            "takes_a_descriptor_of_the_keeper",
            "compares_itself_with_the_keeper",
            "enters_the_keeper_s_namespaces",
            "traces_the_keeper",
        ],
    ),
    "a keeper that can be looked into": (Weakening(without=("hide_from_students",)), ["looks_into_the_keeper"]),
    "no Landlock, sockets that are not sealed": (
        Weakening(without=(_FILES, "seal_sockets")),
        ["changes_its_sockets_folder", "tells_the_oom_killer_whom_to_take", "writes_over_the_system"],
    ),
    "mounts as they were": (Weakening(begins=_HAS_DEVICES), ["keeps_memory_of_a_device"]),
    "no limits": (Weakening(without=("set_resource_limits",)), ["raises_its_own_limits"]),
    "no limits, no filter, no Landlock": (Weakening(without=("set_resource_limits", _FILTER, _FILES)), ["leaves_a_message_queue"]),
    "a network within reach": (
        Weakening(exposes=("--symlink", "/run/grader/scratch/hosts", "/etc/hosts"), begins=_REACHES_A_NETWORK),
        ["sends_by_udp", "connects_by_tcp", "connects_by_tcp_over_ipv6", "asks_a_name_server", "connects_to_abstract_sockets"],
    ),
    "more of the host than Python, and secrets in the warm process": (
        Weakening(
            exposes=(
                *("--ro-bind", "/etc/passwd", "/etc/passwd", "--dir", "/home/ada", "--dir", "/solutions", "--setenv", "API_TOKEN", "x"),
                *("--dev-bind", "/dev/null", "/dev/kmsg", "--dev-bind", "/dev/null", "/dev/vda"),
            ),
            begins=_KEEPS_SECRETS,
        ),
        [
            "reads_the_host_s_accounts",
            "reads_the_host_s_folders",
            "finds_solutions_and_gradebooks",
            "reads_the_kernel_s_memory_and_log",
            "reads_the_disk_below_the_files",
            "reads_the_environment_for_secrets",
            "finds_expected_values_in_stack_frames_and_garbage",
            "finds_descriptors_that_it_inherited",
            "finds_the_neighbours_keys_in_its_memory",
        ],
    ),
    "libraries that can be written, no Landlock": (
        Weakening(
            without=(_FILES,),
            exposes=("--tmpfs", str(Path(torch.__file__).parent / "__pycache__"), "--perms", "0777", "--tmpfs", "/opt/site-packages"),
            begins="import sys\nsys.path.append('/opt/site-packages')",
        ),
        ["changes_bytecode_of_a_library", "plants_code_for_the_next_student"],
    ),
    "bubblewrap alone": (
        Weakening(bare=True),
        [
            "connects_to_sockets_in_the_file_system",
            "lists_the_neighbours_sockets",
            "knocks_at_the_control_socket",
            "sees_processes_that_are_not_its_own",
            "kills_the_keeper",
        ],
    ),
}

NEVER_SEEN_TO_SUCCEED: Mapping[str, str] = {
    "gains_rights_by_a_setuid_program": "bubblewrap, without which no attack is run here, always sets no_new_privs",
}
"""Attacks that cannot succeed here whatever is missing, with the reason."""
