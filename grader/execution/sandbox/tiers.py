"""The sandbox tiers, strongest first: each is a list of layers."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.landlock import restrict_files
from grader.execution.sandbox.mounts import mount_private_view, seal_sockets
from grader.execution.sandbox.namespaces import enter_namespaces
from grader.execution.sandbox.privileges import be_killed_first, drop_capabilities, hide_from_students, set_resource_limits
from grader.execution.sandbox.processes import adopt_orphans, end_descendants
from grader.execution.sandbox.scratch import make_scratch, remove_scratch
from grader.execution.sandbox.seccomp import filter_system_calls


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A way to keep a kernel in, as layers in the order in which they apply.

    `enter` runs in the fork before anything else, `prepare` in the keeper, `confine` in the kernel's process before it has threads,
    `seal` in the keeper once the kernel's sockets are bound, `lock` in the kernel's process before any student code runs, `clean_up` in the keeper
    after the kernel. `outer` says whether the zygote itself lives in a bubblewrap sandbox.
    """

    name: str
    description: str
    outer: bool = False
    own_pid_namespace: bool = False
    enter: tuple[Callable[[], None], ...] = ()
    prepare: tuple[Callable[[Confinement], Confinement], ...] = ()
    confine: tuple[Callable[[Confinement], None], ...] = ()
    seal: tuple[Callable[[Confinement], None], ...] = ()
    lock: tuple[Callable[[Confinement], None], ...] = ()
    clean_up: tuple[Callable[[Confinement], None], ...] = ()


NAMESPACES = Tier(
    name="namespaces",
    description="fresh namespaces a student, forked from a warm process inside bubblewrap",
    outer=True,
    own_pid_namespace=True,
    enter=(enter_namespaces,),
    prepare=(mount_private_view, hide_from_students),
    confine=(drop_capabilities, be_killed_first, set_resource_limits, restrict_files),
    seal=(seal_sockets,),
    lock=(filter_system_calls,),
)

NONE = Tier(
    name="none",
    description="no sandbox: student code can do whatever you can",
    prepare=(adopt_orphans, make_scratch),
    clean_up=(end_descendants, remove_scratch),
)

TIERS = {tier.name: tier for tier in (NAMESPACES, NONE)}
