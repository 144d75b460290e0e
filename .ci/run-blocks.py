"""Gives every `run:` of the workflows named as arguments to shellcheck; ends with 1 if it found anything."""

import re
import subprocess
import sys

from ruamel.yaml import YAML


def steps(workflow):
    for job in workflow["jobs"].values():
        yield from job.get("steps", [])


def findings(path, step):
    # An expression is replaced before the shell sees it: by one word, as far as shellcheck is concerned.
    script = re.sub(r"\$\{\{.*?\}\}", "expression", step["run"], flags=re.DOTALL)
    checked = subprocess.run(
        ["shellcheck", "--shell", "bash", "--color=never", "-"], input=script, text=True, capture_output=True, check=False
    )
    if checked.returncode:
        line = step.lc.key("run")[0] + 1
        print(f"{path}:{line}: {checked.stdout}{checked.stderr}")
    return checked.returncode != 0


def main(paths):
    blocks = 0
    found = False
    for path in paths:
        with open(path, encoding="utf-8") as file:
            workflow = YAML().load(file)
        for step in steps(workflow):
            if "run" in step:
                blocks += 1
                found |= findings(path, step)
    print(f"run blocks: {blocks}")
    return found or blocks == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
