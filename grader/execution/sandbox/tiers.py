"""The sandbox tiers, strongest first: each is a list of layers."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from grader.execution.sandbox.cgroups import enter_cgroup
from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.deleted_files import deleted_files_crossed, memory_files_crossed
from grader.execution.sandbox.landlock import restrict_files, restrict_to_own_sandbox, restrict_to_python, restrict_to_scratch
from grader.execution.sandbox.mappings import mappings_crossed
from grader.execution.sandbox.mounts import mount_private_view, seal_sockets
from grader.execution.sandbox.namespaces import fork_into_namespaces, keep_own_user
from grader.execution.sandbox.owners import end_scope, enter_scope, processes_crossed, set_limits_of_owners
from grader.execution.sandbox.privileges import be_killed_first, drop_capabilities, hide_from_students, set_resource_limits
from grader.execution.sandbox.processes import adopt_orphans, end_descendants
from grader.execution.sandbox.scratch import (
    files_crossed,
    files_of_sandbox_crossed,
    make_scratch,
    remove_scratch,
    remove_shared_memory,
    use_scratch_of_sandbox,
)
from grader.execution.sandbox.seccomp import filter_system_calls, filter_system_calls_and_network, filter_system_calls_of_owners
from grader.execution.sandbox.stand_ins import load_data_without_workers, run_commands_without_terminals
from grader.execution.sandbox.users import become_user, choose_user, end_user


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A way to keep a kernel in, as layers in the order in which they apply.

    `fork` makes the keeper's process, `enter` runs in it before anything else, `prepare` in the keeper, `confine` in the kernel's process before it has threads,
    `seal` in the keeper once the sockets that the host sees are bound, `lock` in the kernel's process before any student code runs, `clean_up` in the keeper
    after the kernel, `watch` in the keeper now and then: a sentence is the end of the kernel. `needs` says what the tier needs and how to get it. `outer` says whether the zygote itself lives in a bubblewrap sandbox,
    `single_use` whether it makes one kernel only and is itself its keeper.
    """

    name: str
    description: str
    needs: str = ""
    outer: bool = False
    single_use: bool = False
    fork: Callable[[], int] = os.fork
    enter: tuple[Callable[[], None], ...] = ()
    prepare: tuple[Callable[[Confinement], Confinement], ...] = ()
    confine: tuple[Callable[[Confinement], None], ...] = ()
    seal: tuple[Callable[[Confinement], None], ...] = ()
    lock: tuple[Callable[[Confinement], None], ...] = ()
    watch: tuple[Callable[[Confinement], str], ...] = ()
    clean_up: tuple[Callable[[Confinement], None], ...] = ()


NAMESPACES = Tier(
    name="namespaces",
    description="fresh namespaces a student, forked from a warm process inside bubblewrap",
    needs="bubblewrap and user namespaces: install your system's `bubblewrap`; on Ubuntu also `sysctl kernel.apparmor_restrict_unprivileged_userns=0`",
    outer=True,
    fork=fork_into_namespaces,
    enter=(keep_own_user,),
    prepare=(mount_private_view, hide_from_students),
    confine=(enter_cgroup, drop_capabilities, be_killed_first, set_resource_limits, restrict_files),
    seal=(seal_sockets,),
    lock=(filter_system_calls,),
    watch=(mappings_crossed, memory_files_crossed),
)

SINGLE_USE = Tier(
    name="single-use",
    description="a bubblewrap sandbox with a warm process of its own a student: where namespaces cannot be nested",
    needs="bubblewrap, and Linux 5.13 or newer with Landlock",
    outer=True,
    single_use=True,
    prepare=(use_scratch_of_sandbox, hide_from_students),
    confine=(enter_cgroup, drop_capabilities, be_killed_first, set_resource_limits, restrict_to_own_sandbox),
    lock=(filter_system_calls,),
    watch=(mappings_crossed, files_of_sandbox_crossed, memory_files_crossed),
)

UID = Tier(
    name="uid",
    description="a user of their own a student, behind Landlock and the system-call filter: for containers without user namespaces",
    needs="root, Linux 5.13 or newer with Landlock, and Python in a folder that every user may enter",
    prepare=(adopt_orphans, choose_user, make_scratch, hide_from_students),
    confine=(enter_cgroup, become_user, drop_capabilities, be_killed_first, set_resource_limits, restrict_to_python),
    lock=(filter_system_calls_and_network,),
    watch=(mappings_crossed, files_crossed, deleted_files_crossed, memory_files_crossed),
    clean_up=(end_user, end_descendants, remove_scratch, remove_shared_memory),
)

LANDLOCK = Tier(
    name="landlock",
    description="Landlock's scopes and a narrow system-call filter around a student who is your own user: where there is neither root nor a user namespace",
    needs="a user who is not root, and Linux 6.12 or newer with Landlock",
    enter=(enter_scope,),
    prepare=(adopt_orphans, make_scratch, hide_from_students),
    confine=(enter_cgroup, drop_capabilities, be_killed_first, set_limits_of_owners, restrict_to_scratch),
    lock=(load_data_without_workers, run_commands_without_terminals, filter_system_calls_of_owners),
    watch=(processes_crossed, mappings_crossed, files_crossed, deleted_files_crossed),
    clean_up=(end_scope, end_descendants, remove_scratch),
)

NONE = Tier(
    name="none",
    description="no sandbox: student code can do whatever you can",
    prepare=(adopt_orphans, make_scratch),
    confine=(enter_cgroup,),
    clean_up=(end_descendants, remove_scratch),
)

TIERS = {tier.name: tier for tier in (NAMESPACES, SINGLE_USE, UID, LANDLOCK, NONE)}
