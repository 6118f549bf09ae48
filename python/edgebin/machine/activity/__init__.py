"""What the machine is busy with and what this process may take of it, at one moment.

`load_average` is the kernel's load average, `processor` counts the time of all cores, `process` the
time of this process, `cgroup` reads the limits of its control group and `energy` the counters and
sensors of power. Counters mean something only as the difference of two moments. As everywhere in
`edgebin.machine`, files are read below a root that tests replace, an unknown fact is None, and no
file makes a reader fail.
"""
