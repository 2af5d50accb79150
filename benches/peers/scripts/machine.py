"""Time and memory, as the machine tells them.

A time is [seconds, seconds of a core that this process used, cores that others used meanwhile].
"""

import gc
import os
import time

import psutil

TICKS = os.sysconf("SC_CLK_TCK")
ME = psutil.Process()


def status_mb(name):
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(name):
                return int(line.split()[1]) / 1024


def resident_mb():
    return status_mb("VmRSS")


def peak_mb():
    return status_mb("VmHWM")


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def busy_seconds():
    with open("/proc/stat") as file:
        ticks = list(map(int, file.readline().split()[1:9]))
    return (sum(ticks) - ticks[3] - ticks[4]) / TICKS


def own_seconds():
    taken = ME.cpu_times()
    return taken.user + taken.system + taken.children_user + taken.children_system


def timed(work):
    busy, own, start = busy_seconds(), own_seconds(), time.perf_counter()
    done = work()
    wall = time.perf_counter() - start
    own = own_seconds() - own
    others = max(0.0, (busy_seconds() - busy - own) / wall)
    return [wall, own, round(others, 2)], done


def repeated(work, times=3, most_seconds=90):
    """Times of up to `times` runs, and what the last one found."""
    taken, found = [], None
    for _ in range(times):
        found = None
        gc.collect()
        one, found = timed(work)
        taken.append(one)
        if sum(wall for wall, _, _ in taken) > most_seconds:
            break
    return taken, found
