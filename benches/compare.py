#!/usr/bin/env python3
"""Measures ghcr-auth beside programs that only log in, against one registry on this machine.

    benches/compare.py BINARY [--rounds N] [--rtt MS]... [--login-action DIR] [--scale [--plot FILE] | --instructions ALLOWED FORK]

Needs Linux, root (for a network and mount namespace of its own: nothing outside it is touched) and the front door
(`cargo build --release -p ghcr-auth-testbed --bin front-door`). Peers that are not installed are left out.
`--login-action` names a checkout of docker/login-action with its dist/. Every round runs every program once, in random order and each in a fresh home; the first round is dropped. Ratios are taken
within a round. CPU is the kernel's own count for the process and its children (wait4).
"""
import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOKEN = "ghs_benchmarkOnlyNotARealTokenAtAll0001"
# Addresses that no program takes for its own machine: docker checks no certificate on 127.0.0.0/8.
REGISTRIES = {"ghcr.io": "10.99.0.1", "registry.test": "10.99.0.2"}
# Without TLS: valgrind 3.19 does not compute it right on every processor.
PLAIN = "127.0.0.1:5000"
LOGIN_ACTION = "docker/login-action"


def isolate():
    """Goes on in a network of its own, where the names above lead to this machine."""
    if os.environ.get("GHCR_AUTH_BENCH_INSIDE"):
        return
    os.environ["GHCR_AUTH_BENCH_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "-mn", sys.executable, *sys.argv])


def prepare_network(directory):
    for command in ["ip link set lo up", *(f"ip addr add {address}/32 dev lo" for address in REGISTRIES.values())]:
        subprocess.run(command.split(), check=True)
    hosts = directory / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in REGISTRIES.items()))
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)


class Registry:
    """The front door under a name, so far away."""

    def __init__(self, program, name, rtt, directory):
        self.name = name
        self.directory = Path(tempfile.mkdtemp(dir=directory))
        listen = name if name == PLAIN else f"{REGISTRIES[name]}:443"
        command = [program, listen, name, str(rtt), str(self.directory), TOKEN]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        self.ca = str(self.directory / "ca.pem")

    def stop(self):
        """Ends it; what it was asked, and on how many connections."""
        self.process.stdin.close()
        self.process.wait()
        log = (self.directory / "requests.txt").read_text().splitlines()
        return log[1:], int(log[0].split()[1])


def ghcr_auth(binary, registry, images="acme/app", tokens=(("GITHUB_TOKEN", TOKEN),)):
    def start(home):
        event = {"ref": "refs/heads/main", "repository": {"id": 1, "full_name": "acme/app", "fork": False}}
        (home / "event.json").write_text(json.dumps(event))
        environment = {
            "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main", "GITHUB_REPOSITORY": "acme/app",
            "GITHUB_REPOSITORY_ID": "1", "GITHUB_ACTOR": "alice", "GITHUB_EVENT_PATH": str(home / "event.json"), "HOME": str(home),
            "GITHUB_API_URL": "https://127.0.0.1:1", "INPUT_REGISTRY": registry.name, "INPUT_IMAGES": images, "INPUT_CA-FILE": registry.ca,
            **{f"INPUT_{name}": token for name, token in tokens},
        }
        for name in ("OUTPUT", "ENV", "STATE", "STEP_SUMMARY"):
            (home / name).touch()
            environment[f"GITHUB_{name}"] = str(home / name)
        return [binary], environment, None, lambda: "push=true" in (home / "OUTPUT").read_text()
    return start


def of_fork(start):
    """The same job, for a pull request from a fork: the commonest run, which asks nobody."""
    def start_of_fork(home):
        command, environment, text, _ = start(home)
        event = json.loads((home / "event.json").read_text())
        fork = {"id": 2, "full_name": "stranger/app", "fork": True}
        event = {"action": "opened", "repository": event["repository"], "sender": {"login": "stranger"},
                 "pull_request": {"user": {"login": "stranger"}, "head": {"ref": "change", "repo": fork}, "base": {"repo": event["repository"]}}}
        (home / "event.json").write_text(json.dumps(event))
        environment |= {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/1/merge", "GITHUB_HEAD_REF": "change"}
        return command, environment, text, lambda: "reason=fork-pr" in (home / "OUTPUT").read_text()
    return start_of_fork


def host(binary, registry, directory, stage="main"):
    """The action of host/: node, its script, and the program. Its post stage follows a main stage that is not measured."""
    scripts = Path(tempfile.mkdtemp(dir=directory))
    for script in ("main.js", "post.js"):
        shutil.copy(Path(__file__).parent.parent / "host" / script, scripts)
    shutil.copy(binary, scripts / f"ghcr-auth-{os.uname().machine}")

    def start(home):
        _, environment, text, succeeded = ghcr_auth(binary, registry)(home)
        main = [shutil.which("node"), str(scripts / "main.js")]
        if stage == "main":
            return main, environment, text, succeeded
        subprocess.run(main, env=environment, stdout=subprocess.DEVNULL, check=True)
        environment |= saved(home / "STATE")
        return [main[0], str(scripts / "post.js")], environment, text, lambda: not (home / ".docker").exists()
    return start


def login_action(checkout, registry, stage="main"):
    """docker/login-action itself, as the runner starts it."""
    def start(home):
        (home / "docker").mkdir()
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "SSL_CERT_FILE": registry.ca, "DOCKER_CONFIG": str(home / "docker"),
            "DOCKER_HOST": "unix:///nobody", "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/app", "RUNNER_TEMP": str(home),
            "GITHUB_SERVER_URL": "https://github.com", "INPUT_REGISTRY": registry.name, "INPUT_USERNAME": "alice",
            "INPUT_PASSWORD": TOKEN, "INPUT_ECR": "auto", "INPUT_LOGOUT": "true",
        }
        for name in ("OUTPUT", "ENV", "STATE", "STEP_SUMMARY"):
            (home / name).touch()
            environment[f"GITHUB_{name}"] = str(home / name)
        command = [shutil.which("node"), str(next(Path(checkout, "dist").glob("index.*js")))]

        def has_login():
            config = home / "docker" / "config.json"
            return config.exists() and registry.name in json.loads(config.read_text()).get("auths", {})
        if stage == "main":
            return command, environment, None, has_login
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        return command, environment | saved(home / "STATE"), None, lambda: not has_login()
    return start


def saved(state):
    """The variables of a post stage, from what main saved in either form."""
    variables, lines = {}, iter(state.read_text().splitlines())
    for line in lines:
        if "<<" in line.split("=")[0]:
            name, delimiter = line.split("<<", 1)
            value = "\n".join(iter(lambda: next(lines), delimiter))
        else:
            name, value = line.split("=", 1)
        variables[f"STATE_{name}"] = value
    return variables


def login(program, arguments, registry):
    def start(home):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "SSL_CERT_FILE": registry.ca, "DOCKER_CONFIG": str(home),
            "DOCKER_HOST": "unix:///nobody", "REGISTRY_AUTH_FILE": str(home / "auth.json"),
        }
        command = [program, *arguments, "-u", "alice", "--password-stdin", registry.name]
        return command, environment, TOKEN.encode(), lambda: True
    return start


def peers(binary, known, unknown, checkout, directory):
    rows = {"ghcr-auth, ghcr.io": ghcr_auth(binary, known), "ghcr-auth, another registry": ghcr_auth(binary, unknown, tokens=(("GHCR_PAT", TOKEN),))}
    for program in ("docker", "skopeo", "podman", "buildah"):
        if shutil.which(program):
            rows[f"{program} login"] = login(program, ["login"], known)
    node, docker = shutil.which("node"), shutil.which("docker")
    if node and docker:
        # What docker/login-action does at the least: Node, and docker login from it.
        script = "const c=require('child_process').spawnSync('docker',process.argv.slice(1),{stdio:'inherit'});process.exit(c.status)"
        rows["node + docker login"] = login(node, ["-e", script, "login"], known)
    if node:
        rows["ghcr-auth/host, node included"] = host(binary, known, directory)
        rows["ghcr-auth/host, post"] = host(binary, known, directory, "post")
    if node and docker and checkout:
        rows[LOGIN_ACTION] = login_action(checkout, known)
        rows[f"{LOGIN_ACTION}, post"] = login_action(checkout, known, "post")
    return rows


def peak(pid):
    """The kernel's high-water mark in MiB, as last seen (wait4 would count this program's own before the exec, too)."""
    mark = 0
    while True:
        try:
            status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        except (OSError, ValueError):
            return mark
        if "VmHWM" not in status:
            return mark
        if not status["Name"].strip().startswith("python"):
            mark = max(mark, int(status["VmHWM"].split()[0]) / 1024)


def run(start, watch=False):
    """Wall and CPU time in ms. With `watch`, peak memory in MiB instead, of the process without its children."""
    with tempfile.TemporaryDirectory() as home:
        command, environment, text, succeeded = start(Path(home))
        read, write = os.pipe()
        os.write(write, text or b"")
        os.close(write)
        begun = time.perf_counter()
        null = os.open(os.devnull, os.O_WRONLY)
        program = shutil.which(command[0]) or command[0]
        moves = [(os.POSIX_SPAWN_DUP2, read, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
        pid = os.posix_spawn(program, command, environment, file_actions=moves)
        memory = peak(pid) if watch else 0
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - begun
        os.close(read)
        os.close(null)
        if status or not succeeded():
            sys.exit(f"{command[0]} failed with {os.waitstatus_to_exitcode(status)}")
        return memory if watch else (wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def compare(binary, front_door, rtt, rounds, checkout, directory):
    known, unknown = (Registry(front_door, name, rtt, directory) for name in REGISTRIES)
    rows = peers(binary, known, unknown, checkout, directory)
    found = {name: [] for name in rows}
    for number in range(rounds + 1):
        for name in random.sample(list(rows), len(rows)):
            measured = run(rows[name])
            if number:
                found[name].append(measured)
    print(f"\nRound trip {rtt} ms, {rounds} rounds\n")
    print("| program | wall ms: least / median | CPU ms, median | memory MiB | wall : docker login, median (quartiles) |\n|---|--:|--:|--:|--:|")
    for name, values in found.items():
        wall, cpu = zip(*values)
        memory = max(run(rows[name], watch=True) for _ in range(3))
        ratio = "-"
        if found.get("docker login"):
            ratios = [mine[0] / theirs[0] for mine, theirs in zip(values, found["docker login"])]
            low, middle, high = statistics.quantiles(ratios, n=4)
            ratio = f"{middle:.2f} ({low:.2f} to {high:.2f})"
        print(f"| {name} | {min(wall):.1f} / {statistics.median(wall):.1f} | {statistics.median(cpu):.1f} | {memory:.1f} | {ratio} |")
    pairs = [("ghcr-auth, ghcr.io", "node + docker login"), ("ghcr-auth/host, node included", LOGIN_ACTION), ("ghcr-auth/host, post", f"{LOGIN_ACTION}, post")]
    for mine, theirs in pairs:
        if found.get(mine) and found.get(theirs):
            wall, cpu = (statistics.median(one[i] / other[i] for one, other in zip(found[mine], found[theirs])) for i in (0, 1))
            print(f"\n{mine} : {theirs} = {wall:.2f} wall, {cpu:.2f} CPU")
    known.stop()
    unknown.stop()


def count_requests(binary, front_door, checkout, directory):
    """What each program asks, one run each."""
    print("\n| program | requests | connections |\n|---|---|--:|")
    names = peers(binary, *(type("", (), {"name": name, "ca": ""}) for name in REGISTRIES), checkout, directory)
    for name in (name for name in names if not name.endswith("post")):
        registries = [Registry(front_door, registry, 0, directory) for registry in REGISTRIES]
        run(peers(binary, *registries, checkout, directory)[name])
        asked, connections = max((registry.stop() for registry in registries), key=lambda stopped: len(stopped[0]))
        print(f"| {name} | {', '.join(request.replace('/blobs/uploads/', '/...') for request in asked)} | {connections} |")


def scale(binary, front_door, rtt, rounds, directory):
    """Images and credentials: every credential but the last is refused. The wall times of each number of credentials."""
    lines = {1: [], 2: [], 3: []}
    print(f"\nRound trip {rtt} ms, {rounds} rounds\n")
    print("| images | credentials | wall ms, median | requests | connections | CPU ms | memory MiB |\n|--:|--:|--:|--:|--:|--:|--:|")
    for images in (1, 10, 100):
        for credentials in (1, 2, 3):
            names = ["GHCR_PAT", "GITHUB_TOKEN", "LOCAL_RUNNER_FALLBACK_TOKEN"][:credentials]
            tokens = [(name, f"dead{name}") for name in names[:-1]] + [(names[-1], TOKEN)]
            registry = Registry(front_door, "ghcr.io", rtt, directory)
            start = ghcr_auth(binary, registry, ",".join(f"acme/app{number}" for number in range(images)), tokens)

            def on_self_hosted(home, start=start):
                command, environment, text, succeeded = start(home)
                return command, {**environment, "RUNNER_ENVIRONMENT": "self-hosted"}, text, succeeded
            values = [run(on_self_hosted) for _ in range(rounds)]
            memory = run(on_self_hosted, watch=True)
            asked, connections = registry.stop()
            wall, cpu = zip(*values)
            asked = sum(not request.startswith("DELETE") for request in asked)
            lines[credentials].append((images, statistics.median(wall)))
            print(f"| {images} | {credentials} | {statistics.median(wall):.0f} | {asked / (rounds + 1):g} "
                  f"| {connections / (rounds + 1):g} | {statistics.median(cpu):.1f} | {memory:.1f} |")
    return lines


def plot(lines, rtt):
    """Wall time over images as SVG; the axis of the images counts powers of ten."""
    width, height, left, bottom = 560, 300, 60, 40
    most = max(wall for line in lines.values() for _, wall in line) * 1.1
    across = {1: left + 40, 10: left + 230, 100: left + 420}

    def up(wall):
        return height - bottom - wall / most * (height - bottom - 20)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for step in range(0, int(most) + 1, 200):
        parts.append(f'<line x1="{left}" x2="{width - 10}" y1="{up(step):.0f}" y2="{up(step):.0f}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{up(step) + 4:.0f}" text-anchor="end">{step} ms</text>')
    for images, x in across.items():
        parts.append(f'<text x="{x}" y="{height - 20}" text-anchor="middle">{images}</text>')
    parts.append(f'<text x="{width / 2}" y="{height - 4}" text-anchor="middle">images, at a round trip of {rtt} ms</text>')
    for (credentials, line), colour in zip(lines.items(), ("#1a7f37", "#0969da", "#8250df")):
        points = " ".join(f"{across[images]},{up(wall):.1f}" for images, wall in line)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{left + 10}" y="{14 + 16 * credentials}" fill="{colour}">credentials tried: {credentials}</text>')
    return "\n".join([*parts, "</svg>\n"])


def count_instructions(binary, front_door, most, directory):
    """Under callgrind: the one figure that is the same each time. More than `most` is a failure."""
    registry = Registry(front_door, PLAIN, 0, directory)
    allowed = ghcr_auth(binary, registry)
    rows = {"one allowed image": (allowed, most[0]), "a pull request from a fork": (of_fork(allowed), most[1])}
    counted = {name: instructions(start) for name, (start, _) in rows.items()}
    registry.stop()
    for name, (_, limit) in rows.items():
        print(f"instructions for {name}, without TLS: {counted[name]} (at most {limit})")
    sys.exit(any(counted[name] > limit for name, (_, limit) in rows.items()))


def instructions(start):
    with tempfile.TemporaryDirectory() as home:
        command, environment, _, succeeded = start(Path(home))
        valgrind = [shutil.which("valgrind"), "--tool=callgrind", f"--callgrind-out-file={home}/callgrind.out"]
        done = subprocess.run([*valgrind, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        assert succeeded()
    return int(next(line.split()[-1] for line in done.stderr.decode().splitlines() if "Collected" in line))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--front-door", default="target/release/front-door", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--rtt", type=int, action="append")
    parser.add_argument("--login-action", metavar="DIR", type=os.path.abspath)
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--plot", metavar="FILE", type=os.path.abspath)
    parser.add_argument("--instructions", type=int, nargs=2, metavar=("ALLOWED", "FORK"))
    arguments = parser.parse_args()
    isolate()
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        prepare_network(directory)
        if arguments.scale:
            rtt = (arguments.rtt or [50])[0]
            lines = scale(arguments.binary, arguments.front_door, rtt, arguments.rounds, directory)
            if arguments.plot:
                Path(arguments.plot).write_text(plot(lines, rtt))
            return
        if arguments.instructions:
            count_instructions(arguments.binary, arguments.front_door, arguments.instructions, directory)
        count_requests(arguments.binary, arguments.front_door, arguments.login_action, directory)
        for rtt in arguments.rtt or [0, 50]:
            compare(arguments.binary, arguments.front_door, rtt, arguments.rounds, arguments.login_action, directory)


if __name__ == "__main__":
    main()
