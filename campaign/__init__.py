"""Attacks on what `docs/promises.md` promises; `python -m campaign` writes what came of them to `docs/reliability.md`.

    works      what is attacked: tiny pieces of daily work, each of which leaves files
    warm       what is loaded once for all attempts
    wholeness  whether what lies in a folder is whole, and equal to what should lie there
    attempts   a work done in a process of its own, traced, disturbed or limited
    traces     what a process did to a folder, read from what strace wrote
    stops      killed at each point at which a folder changes
    faults     full disks, failing disks, small limits
    order      whether what has a name was on the disk before
    mutants    files that were cut, flipped or torn, or that lie
    traps      files that are made to harm: bombs, circles, pipes, strange names
    readers    who reads them, with little memory and little time
    altered    models that were changed, and some of them sealed again
    strangers  requests to the studio that are not from its own page
    endurance  long runs, in which nothing may pile up
    outcomes   what an attack came to
    page       all of that, as `docs/reliability.md`
    weakened   copies of Morula with a safeguard taken out, which the campaign must notice
"""
