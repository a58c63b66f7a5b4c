"""Runs a notebook from top to bottom, as a batch job.

run_notebook.py NOTEBOOK: what the cells print goes to stdout and stderr. The notebook with its results is left in the current folder as
NAME.executed.ipynb, also when a cell fails, which ends the run with exit status 1.
"""

import pathlib
import signal
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


class Client(NotebookClient):
    """Hands on what cells print as they print it."""

    def output(self, outs, msg, display_id, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "stream":
            stream = sys.stderr if content["name"] == "stderr" else sys.stdout
            stream.write(content["text"])
            stream.flush()
        return super().output(outs, msg, display_id, cell_index)


def main(path):
    # A request to stop still shuts the kernel down and saves what there is.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    source = pathlib.Path(path)
    notebook = nbformat.read(source, as_version=4)
    client = Client(notebook, timeout=None, kernel_name=kernel_of(notebook), record_timing=False)
    try:
        client.execute()
    except (CellExecutionError, DeadKernelError) as problem:
        sys.stderr.write("%s\n" % problem)
        return 1
    finally:
        nbformat.write(notebook, source.stem + ".executed.ipynb")
    return 0


def kernel_of(notebook):
    return notebook.metadata.get("kernelspec", {}).get("name", "python3")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
