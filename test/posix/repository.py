"""git on the filesystem: the program that leans most on rename, link, mmap and many small files."""

import os
import subprocess
import tempfile

from cases import case, expect, main

ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Author",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "Author",
    "GIT_COMMITTER_EMAIL": "author@example.com",
    "LC_ALL": "C",
}


def git(folder, *arguments):
    run = subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    if run.returncode != 0:
        raise AssertionError(f"git {' '.join(arguments)}: exit code {run.returncode}: {run.stderr}{run.stdout}")
    return run.stdout.strip()


def source(folder):
    """A repository of 200 files with links and programs, 10 commits, outside the filesystem under test."""
    git(folder, "init", "-q", "-b", "main")
    for commit in range(10):
        for file in range(20):
            name = f"{folder}/part{file % 5}/file{commit}-{file}.txt"
            os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "w") as f:
                f.write(f"{commit} {file}\n" * 200)
        if commit == 0:
            os.symlink("part1/file0-1.txt", f"{folder}/link")
            os.chmod(f"{folder}/part2/file0-2.txt", 0o755)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"commit {commit}")


@case
def clone_commit_and_check(folder):
    with tempfile.TemporaryDirectory() as elsewhere:
        source(elsewhere)
        git(folder, "clone", "-q", elsewhere, "clone")
        clone = f"{folder}/clone"
        expect(git(clone, "status", "--porcelain"), "", "changes after the clone")
        expect(git(clone, "rev-parse", "HEAD"), git(elsewhere, "rev-parse", "HEAD"), "HEAD")
        expect(os.readlink(f"{clone}/link"), "part1/file0-1.txt", "the symbolic link")
        expect(os.stat(f"{clone}/part2/file0-2.txt").st_mode & 0o111, 0o111, "the execute bits")

        git(clone, "checkout", "-q", "-b", "work")
        git(clone, "mv", "part3", "moved")
        with open(f"{clone}/moved/file0-3.txt", "a") as f:
            f.write("one more line\n")
        git(clone, "commit", "-q", "-am", "moved a folder")
        git(clone, "gc", "-q", "--prune=now")
        git(clone, "fsck", "--full", "--strict")
        expect(git(clone, "rev-list", "--count", "HEAD"), "11", "commits")

        git(clone, "checkout", "-q", "main")
        git(clone, "merge", "-q", "work")
        git(clone, "worktree", "add", "-q", f"{folder}/second", "HEAD~5")
        expect(git(f"{folder}/second", "status", "--porcelain"), "", "changes in the second work tree")
        git(folder, "clone", "-q", "--local", clone, "linked")
        git(f"{folder}/linked", "fsck", "--full")
        expect(git(f"{folder}/linked", "rev-list", "--count", "HEAD"), "11", "commits of the local clone")


if __name__ == "__main__":
    main()
