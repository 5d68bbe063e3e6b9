#!/usr/bin/env python3
"""Measures Jupyter kernels side by side on this machine (Linux), and prints one table.

    kernel/measure.py KERNEL...

Needs jupyter_client and nbconvert. Times are medians; each figure's row says of how many. A kernel that fails at something
gets the reason instead of a figure.
"""
import argparse
import json
import os
import platform
import queue
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jupyter_client
from jupyter_client.manager import KernelManager

CODE = {
    "python": {
        "spin": "while True: pass",
        "lines": "for i in range({n}): print('line', i)",
    },
    "java": {
        "spin": "while (true) {{ }}",
        "lines": 'for (int i = 0; i < {n}; i++) System.out.println("line " + i);',
    },
}
LINES = re.compile(r"^line \d+$", re.MULTILINE)
TICKS = os.sysconf("SC_CLK_TCK")


class Kernel:
    """A started kernel and its client."""

    def __init__(self, name):
        self.manager = KernelManager(kernel_name=name)
        begin = time.perf_counter()
        self.manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        info = None
        # A client asks again, as front ends do, since a request that is sent before the kernel listens may be lost.
        while info is None:
            self.client.kernel_info()
            try:
                message = self.client.get_shell_msg(timeout=0.5)
                info = message["content"] if message["msg_type"] == "kernel_info_reply" else None
            except queue.Empty:
                if not self.manager.is_alive():
                    raise RuntimeError(f"{name} ended at its start") from None
                if time.perf_counter() - begin > 60:
                    raise TimeoutError(f"{name} did not answer within 60 s") from None
        self.ready = time.perf_counter() - begin
        self.begin = begin
        # The subscription to outputs may come up later: front ends wait for a first one too.
        subscribed = False
        while not subscribed:
            try:
                self.client.get_iopub_msg(timeout=0.05)
                subscribed = True
            except queue.Empty:
                self.client.kernel_info()
        self.about = f"{info['implementation']} {info['implementation_version']}"
        language = info["language_info"]
        self.language = f"{language['name']} {language['version']}"
        self.code = CODE[language["name"].lower()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def reply(self, message, timeout):
        deadline = time.perf_counter() + timeout
        while True:
            try:
                reply = self.client.get_shell_msg(timeout=max(0, deadline - time.perf_counter()))
            except queue.Empty:
                raise TimeoutError("no reply") from None
            if reply["parent_header"].get("msg_id") == message:
                return reply

    def info_trip(self):
        begin = time.perf_counter()
        self.reply(self.client.kernel_info(), 10)
        return time.perf_counter() - begin

    def run(self, code, timeout=30, received=lambda text: None):
        """Until the kernel is idle again: seconds."""
        begin = time.perf_counter()
        message = self.client.execute(code)
        self.until_idle(message, timeout, received)
        self.reply(message, timeout)
        return time.perf_counter() - begin

    def until_idle(self, message, timeout, received=lambda text: None):
        deadline = time.perf_counter() + timeout
        while True:
            try:
                output = self.client.get_iopub_msg(timeout=max(0, deadline - time.perf_counter()))
            except queue.Empty:
                raise TimeoutError(f"not idle after {timeout:g} s") from None
            if output["parent_header"].get("msg_id") != message:
                continue
            content = output["content"]
            if output["msg_type"] == "stream":
                received(content["text"])
            if output["msg_type"] == "status" and content["execution_state"] == "idle":
                return

    def processes(self):
        """The kernel's process and those it started."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found, todo = [], [self.manager.provisioner.pid]
        while todo:
            found.append(todo.pop())
            todo += parents.get(found[-1], [])
        return found

    def rss(self):
        """MiB."""
        pages = sum(int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in self.processes())
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def cpu(self, seconds):
        """Per cent of a core, over some seconds."""

        def ticks():
            return sum(
                sum(map(int, Path(f"/proc/{p}/stat").read_text().rpartition(")")[2].split()[11:13])) for p in self.processes()
            )

        begin, before = time.perf_counter(), ticks()
        time.sleep(seconds)
        return 100 * (ticks() - before) / TICKS / (time.perf_counter() - begin)


def ms(seconds):
    return f"{1000 * seconds:.3g} ms"


def attempt(row, measure):
    try:
        return measure()
    except (TimeoutError, RuntimeError, OSError, ValueError, KeyError) as e:
        print(f"  {row}: {e}", file=sys.stderr)
        return str(e) or type(e).__name__


def median_and_p95(seconds):
    return f"{ms(statistics.median(seconds))}, p95 {ms(statistics.quantiles(seconds, n=20)[-1])}"


def starts(name, count):
    ready, first = [], []
    for _ in range(count):
        with Kernel(name) as kernel:
            kernel.run("1+1")
            ready.append(kernel.ready)
            first.append(time.perf_counter() - kernel.begin)
    return f"{statistics.median(ready):.2f} s", f"{statistics.median(first):.2f} s"


def evaluations(kernel):
    rows = {}
    kernel.run("1+1")
    rows["memory (RSS) after the first cell"] = f"{kernel.rss():.0f} MiB"
    rows["kernel_info round trip, 200"] = attempt("info", lambda: median_and_p95([kernel.info_trip() for _ in range(200)]))
    rows["`1+1` until idle, 200"] = attempt("1+1", lambda: median_and_p95([kernel.run("1+1") for _ in range(200)]))
    for _ in range(800):
        kernel.run("1+1")
    rows["the same after 1,000 evaluations"] = attempt("1+1 later", lambda: median_and_p95([kernel.run("1+1") for _ in range(200)]))
    rows["CPU when idle, 10 s"] = f"{kernel.cpu(10):.2f} %"
    return rows


def converted(name, language):
    """How many of 20,000 printed lines nbconvert keeps."""
    count = 20_000
    cell = {"cell_type": "code", "metadata": {}, "source": CODE[language]["lines"].format(n=count), "outputs": [], "execution_count": None}
    spec = {"name": name, "display_name": name, "language": language}
    notebook = {"cells": [cell], "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 4}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lines.ipynb")
        path.write_text(json.dumps(notebook))
        command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", "--log-level=ERROR", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        outputs = json.loads(path.read_text())["cells"][0]["outputs"]
    text = "".join("".join(o.get("text", [])) for o in outputs if o["output_type"] == "stream")
    return f"{len(LINES.findall(text)):,} of {count:,}"


def flood(kernel, patience):
    count, parts = 1_000_000, []
    kernel.run(kernel.code["lines"].format(n=1000))
    before = kernel.rss()
    try:
        took = f"{kernel.run(kernel.code['lines'].format(n=count), patience, parts.append):.1f} s"
    except TimeoutError as e:
        took = str(e)
    return f"{len(LINES.findall(''.join(parts))):,} received, {took}, RSS {kernel.rss() - before:+.0f} MiB"


def interrupted(kernel):
    message = kernel.client.execute(kernel.code["spin"].format())
    time.sleep(1)
    begin = time.perf_counter()
    kernel.manager.interrupt_kernel()
    try:
        kernel.until_idle(message, 15)
        took = f"idle after {ms(time.perf_counter() - begin)}"
    except TimeoutError as e:
        took = str(e)
    return f"{took}, then {kernel.cpu(5):.1f} % CPU"


def measured(name, options):
    count = options.starts
    print(f"{name} ...", file=sys.stderr)
    ready, first = starts(name, count)
    rows = {
        "kernel": "",
        f"start to first kernel_info_reply, {count}": ready,
        f"start to the result of a first `1+1`, {count}": first,
    }
    with Kernel(name) as kernel:
        rows["kernel"] = f"{kernel.about}, {kernel.language}"
        language = kernel.language.split()[0].lower()
        rows.update(evaluations(kernel))
    rows["lines kept by `jupyter nbconvert --execute`"] = attempt("nbconvert", lambda: converted(name, language))
    with Kernel(name) as kernel:
        rows["1,000,000 printed lines"] = attempt("flood", lambda: flood(kernel, options.patience))
    with Kernel(name) as kernel:
        rows["endless loop interrupted"] = attempt("interrupt", lambda: interrupted(kernel))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kernels", nargs="+", metavar="KERNEL", help="a kernelspec's name, as in `jupyter kernelspec list`")
    parser.add_argument("--starts", type=int, default=5, help="how many starts to take the median of (5)")
    parser.add_argument("--patience", type=int, default=120, help="seconds to wait for a million lines (120)")
    options = parser.parse_args()
    columns = {}
    for name in options.kernels:
        try:
            columns[name] = measured(name, options)
        except (TimeoutError, RuntimeError) as e:
            columns[name] = {"kernel": str(e)}
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").open() if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    print(f"`kernel/measure.py {' '.join(sys.argv[1:])}` on {len(os.sched_getaffinity(0))} cores of {cpu}, {memory:.0f} GiB,")
    print(f"{platform.system()} {platform.release()}, Python {platform.python_version()}, jupyter_client {jupyter_client.__version__}\n")
    print(f"| | {' | '.join(columns)} |")
    print("| --- |" + " --- |" * len(columns))
    for row in max(columns.values(), key=len):
        print(f"| {row} | {' | '.join(rows.get(row, '') for rows in columns.values())} |")


if __name__ == "__main__":
    main()
