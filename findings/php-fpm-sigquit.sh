#!/usr/bin/env bash
# SIGQUIT is the "graceful stop" of php-fpm 8.2.36 (Debian 12) by its manual page, and images of PHP have `STOPSIGNAL SIGQUIT` for it. But with the default
# `process_control_timeout` of 0, "time limit for child processes to wait for a reaction on signals from master", the master sends SIGTERM right behind, which
# is the "immediate termination": the request under way gets no answer, and the exit code is 0. So 0 is no time at all, where a timeout of 0 mostly means none.
# With a time in the configuration the request is answered. An idle server ends at once in both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 php8.2-fpm=8.2.36-1~deb12u1 libacl1 libapparmor1 libargon2-1 libicu72 libsodium23 libsystemd0 libxml2 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu"

# shellcheck disable=SC2016 # PHP reads it
echo '<?php if ($_SERVER["QUERY_STRING"] === "slow") sleep(3); echo "ok";' > answer.php
cat > ask.py <<'END'
import signal, socket, struct, subprocess, sys, time

def record(kind, content=b""):
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content

def ask(query):
    """Sends a FastCGI request, as a web server does."""
    server = socket.socket(socket.AF_UNIX)
    server.connect("socket")
    names = {"SCRIPT_FILENAME": f"{sys.argv[1]}/answer.php", "REQUEST_METHOD": "GET", "QUERY_STRING": query}
    parameters = b"".join(bytes([len(name), len(value)]) + name.encode() + value.encode() for name, value in names.items())
    server.sendall(record(1, struct.pack("!HB5x", 1, 0)) + record(4, parameters) + record(4) + record(5))
    return server

def answer(server):
    received = b""
    try:
        while part := server.recv(4096):
            received += part
    except ConnectionResetError:
        pass
    return "answered" if b"\r\n\r\nok" in received else "no answer"

for timeout in sys.argv[2:]:
    for query in "now", "slow":
        with open("fpm.conf", "w") as file:
            file.write(f"[global]\nerror_log = /dev/null\n{timeout}\n[www]\nlisten = {sys.argv[1]}/socket\npm = static\npm.max_children = 1\n")
        command = [f"{sys.argv[1]}/usr/sbin/php-fpm8.2", "-n", "-F", "-R", "-y", f"{sys.argv[1]}/fpm.conf", "-c", "/dev/null"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for _ in range(100):
            time.sleep(0.1)
            try:
                first = answer(ask("now"))
                break
            except OSError:
                pass
        assert first == "answered"
        request = ask(query)
        if query == "now":
            answer(request)
        time.sleep(1)
        process.send_signal(signal.SIGQUIT)
        outcome = answer(request) if query == "slow" else "idle"
        print(f"{timeout or 'default'}: {outcome}, exit code {process.wait()}")
END
seen=$(python3 ask.py "$folder" '' 'process_control_timeout = 10')
echo 'php-fpm 8.2.36 at SIGQUIT:'
echo "$seen"
expected='default: idle, exit code 0
default: no answer, exit code 0
process_control_timeout = 10: idle, exit code 0
process_control_timeout = 10: answered, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
