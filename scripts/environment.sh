# Makes .venv with the packages that are asked for; sourced by scripts/run and scripts/test.

find_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "livetalk needs Python 3.11 or newer; install it, or name it: PYTHON=/path/to/python3 $0" >&2
    return 1
}

# install WHAT: WHAT is "." or ".[extra]"; nothing is done when it is there already
install() {
    local python stamp
    python=$(find_python)
    if [ ! -x .venv/bin/python ]; then
        "$python" -m venv .venv || {
            echo "cannot make .venv; on Debian and Ubuntu: apt-get install python3-venv" >&2
            return 1
        }
    fi
    stamp="$1 $(cat pyproject.toml constraints.txt | cksum)"
    if ! grep -qxF "$stamp" .venv/installed 2>/dev/null; then
        echo "installing $1 into .venv ..." >&2
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e "$1"
        echo "$stamp" >> .venv/installed
    fi
}
