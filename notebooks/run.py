#!/usr/bin/env python3
"""Runs a notebook without a browser, through a real Jupyter client (nbclient).

run.py NOTEBOOK                  keep the new outputs in the notebook
run.py NOTEBOOK --output FILE    write them to another file
run.py NOTEBOOK --check          change nothing; fail unless the outputs are of the same kind as those stored:
                                 as many, of the same types, tables of the same shape, no error
"""
import argparse
import copy
import re
import sys
import time
from html.parser import HTMLParser

try:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError
except ImportError as missing:
    sys.exit(f"run.py: {missing}; expected a Python with nbclient (pip install nbclient, or ./dlac notebook run)")


class Tables(HTMLParser):
    """The shapes of the tables in a page: rows, and the most cells of any."""

    def __init__(self):
        super().__init__()
        self.open, self.shapes = [], []

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.open.append([0, 0, 0])
        elif self.open and tag == "tr":
            self.open[-1][0] += 1
            self.open[-1][2] = 0
        elif self.open and tag in ("td", "th"):
            self.open[-1][2] += 1
            self.open[-1][1] = max(self.open[-1][1], self.open[-1][2])

    def handle_endtag(self, tag):
        if tag == "table" and self.open:
            rows, columns, _ = self.open.pop()
            self.shapes.append(f"{rows} x {columns}")

    @classmethod
    def of(cls, html):
        parser = cls()
        parser.feed(html)
        return parser.shapes


def kind(output):
    """What stays the same when a cell runs again on another day."""
    if output.output_type == "stream":
        return f"text on {output.name}"
    if output.output_type == "error":
        return f"error {output.ename}"
    types = ", ".join(sorted(output.data))
    html = output.data.get("text/html", "")
    tables = Tables.of(html if isinstance(html, str) else "".join(html))
    return types + (f"; tables {', '.join(tables)}" if tables else "")


def is_bar(output):
    """Whether this is a progress bar, which shows only where work takes long."""
    html = output.get("data", {}).get("text/html", "")
    return 'role="progressbar"' in (html if isinstance(html, str) else "".join(html))


def kinds(cell):
    """
    The kinds of a cell's outputs. How a stream was cut into pieces does not matter, nor the order of what is displayed one
    after another, nor progress bars: they depend on how fast the machine is.
    """
    found = []
    displayed = []
    for output in cell.outputs:
        if is_bar(output):
            continue
        one = kind(output)
        if output.output_type == "display_data":
            displayed.append(one)
            continue
        found += sorted(displayed)
        displayed = []
        if not (found and one.startswith("text on") and found[-1] == one):
            found.append(one)
    return found + sorted(displayed)


class Line:
    """One line of progress, in place where somebody looks."""

    def __init__(self, total):
        self.total, self.begin = total, time.monotonic()

    def show(self, text):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{text}")
            sys.stderr.flush()

    def cell(self, number):
        seconds = time.monotonic() - self.begin
        left = f", {seconds / number * (self.total - number):.0f} s left" if number else ""
        self.show(f"cell {number + 1} of {self.total}, {seconds:.0f} s{left}")


def run(path, kernel, timeout):
    """The notebook with new outputs."""
    notebook = nbformat.read(path, as_version=4)
    fresh = copy.deepcopy(notebook)
    code = [index for index, cell in enumerate(fresh.cells) if cell.cell_type == "code"]
    line = Line(len(code))
    name = kernel or fresh.metadata.get("kernelspec", {}).get("name", "dlac")
    client = NotebookClient(
        fresh,
        kernel_name=name,
        timeout=timeout,
        resources={"metadata": {"path": re.sub(r"[^/]*$", "", path) or "."}},
        on_cell_start=lambda cell, cell_index: line.cell(code.index(cell_index)) if cell_index in code else None,
    )
    try:
        client.execute()
    finally:
        line.show("")
    for cell in fresh.cells:
        # When a cell ran is no part of what it says, and differs each time.
        cell.metadata.pop("execution", None)
    fresh.metadata["kernelspec"] = notebook.metadata.get("kernelspec", fresh.metadata.get("kernelspec"))
    return notebook, fresh, time.monotonic() - line.begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook")
    parser.add_argument("--output", help="where the notebook with its new outputs goes; default: itself")
    parser.add_argument("--check", action="store_true", help="compare with the stored outputs, and write nothing")
    parser.add_argument("--kernel", help="name of the kernel; default: the notebook's")
    parser.add_argument("--timeout", type=int, default=600, help="seconds a cell may take (default 600)")
    options = parser.parse_args()
    try:
        stored, fresh, seconds = run(options.notebook, options.kernel, options.timeout)
    except FileNotFoundError as error:
        sys.exit(f"run.py: cannot read {options.notebook}: {error.strerror}")
    except CellExecutionError as error:
        sys.exit(f"run.py: {options.notebook} stopped at an error; it is left as it was\n{error}")
    except DeadKernelError:
        sys.exit(f"run.py: the kernel of {options.notebook} ended by itself; the notebook is left as it was")
    count = sum(cell.cell_type == "code" for cell in fresh.cells)
    if not options.check:
        nbformat.write(fresh, options.output or options.notebook)
        print(f"{options.notebook}: {count} cells in {seconds:.1f} s")
        return
    failed = 0
    for number, (old, new) in enumerate(zip(stored.cells, fresh.cells), start=1):
        if old.cell_type == "code" and kinds(old) != kinds(new):
            failed += 1
            print(f"{options.notebook}, cell {number}:\n  stored: {kinds(old)}\n  now:    {kinds(new)}")
    print(f"{options.notebook}: {count} cells in {seconds:.1f} s")
    print(f"{count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
