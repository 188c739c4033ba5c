/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/daemonize.c - going on in the background, once.
 *
 * The child does all that can fail, the lock file included, before it sends
 * SIGUSR1 to the process it came from; so whoever waits for that one to end
 * knows by its status whether there is a daemon.
 */
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libwebsockets.h"
#include "base/buf.h"
#include "base/compiler.h"

/* seconds in which the child must be on its own */
#define START_LIMIT 2

/* looks at an empty lock, which may yet be written to, and ms between them */
#define EMPTY_LOOKS 20
#define A_WHILE     50

/* the daemon's, also in processes that it has forked */
static char lock[PATH_MAX];
static pid_t daemon_pid;

/* What errno says, as a line on stderr; 1, as lws_daemonize() returns it. */
static int
complain(const char *what)
{
	fprintf(stderr, "%s: cannot %s: %s\n", lock, what, strerror(errno));
	return 1;
}

/* ---- the lock file ---- */

/* The daemon's directory will be another. */
static int
name_lock(const char *path)
{
	struct lws_buf out;

	lws_buf_init(&out, lock, sizeof(lock));
	if (path[0] != '/' && getcwd(lock, sizeof(lock))) {
		out.len = strlen(lock);
		lws_buf_puts(&out, "/");
	}
	lws_buf_put(&out, path, strlen(path) + 1);
	if (lock[0] == '/' && lws_buf_ok(&out))
		return 0;
	fprintf(stderr, "lock file %s: too long a path, or the current "
		"directory is gone\n", path);
	return 1;
}

/* Only the daemon itself, however it ends; async-signal-safe. */
static LWS_AT_EXIT void
remove_lock(void)
{
	if (getpid() == daemon_pid)
		unlink(lock);
}

/* The process named in the file @fd: 0 when it is empty, -1: something else. */
static pid_t
read_pid(int fd)
{
	int looks = EMPTY_LOOKS;
	struct lws_span text;
	struct stat st;
	char mem[32];
	uint64_t pid;
	ssize_t n;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -1;
	while (!(n = read(fd, mem, sizeof(mem))) && --looks)
		poll(NULL, 0, A_WHILE);
	if (n <= 0)
		return (pid_t)n;
	text = lws_span(mem, (size_t)n);
	while (text.len && memchr(" \t\r\n", text.p[text.len - 1], 4))
		text.len--;
	if (!lws_span_number(text, &pid) || !pid || pid > INT_MAX)
		return -1;
	return (pid_t)pid;
}

/* Is @fd still what the path names? */
static bool
is_same(int fd)
{
	struct stat a, b;

	return !fstat(fd, &a) && !lstat(lock, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/*
 * See to it that nobody's lock is in the way; @fd is what was there.  Two that
 * find the same stale one take turns, so that neither removes what the other
 * has made in its place.  0; 1: it is to stay.
 */
static int
judge(int fd)
{
	pid_t pid = read_pid(fd);

	if (pid < 0) {
		fprintf(stderr, "%s holds no process id: remove it, or choose "
			"another lock file\n", lock);
		return 1;
	}
	if (pid && (!kill(pid, 0) || errno == EPERM)) {
		fprintf(stderr, "Daemon already running from pid %d\n"
			"(when that is another program, remove %s)\n",
			(int)pid, lock);
		exit(1);
	}
	if (flock(fd, LOCK_EX) || !is_same(fd))
		return 0;
	fprintf(stderr, "Removing stale lock file %s of pid %d\n", lock,
		(int)pid);
	return unlink(lock) ? complain("remove it") : 0;
}

static int
clear_the_way(void)
{
	const int fd = open(lock, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					  O_NOCTTY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : complain("read the lock file");
	rc = judge(fd);
	close(fd);
	return rc;
}

/* Only who creates the file has it. */
static int
create_lock(void)
{
	char text[32];
	const int n = snprintf(text, sizeof(text), "%d", (int)getpid());
	const int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			    0640);
	bool good;

	if (fd < 0)
		return complain(errno == EEXIST
					? "be faster than another daemon"
					: "create the lock file");
	good = write(fd, text, (size_t)n) == n;
	good = !close(fd) && good;
	if (good)
		return 0;
	complain("write the lock file");
	unlink(lock);
	return 1;
}

/* ---- the daemon ---- */

static void
on_sigterm(int signum)
{
	(void)signum;
	remove_lock();
	_exit(0);
}

static int
leave_terminal(void)
{
	const int null = open("/dev/null", O_RDWR);
	int fd;

	if (null < 0)
		return complain("open /dev/null");
	if (chdir("/"))
		return complain("go to /");
	for (fd = 0; fd < 3; fd++)
		if (dup2(null, fd) != fd)
			return complain("leave the terminal");
	if (null > 2)
		close(null);
	return 0;
}

/* 1 when it cannot be, and a line on stderr says why. */
static int
be_daemon(void)
{
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	umask(0);
	setsid();
	if (create_lock())
		return 1;
	daemon_pid = getpid();
	if (leave_terminal()) {
		remove_lock();
		return 1;
	}
	signal(SIGTERM, on_sigterm);
	return 0;
}

/* ---- the process it comes from ---- */

static volatile sig_atomic_t started, late;
static pid_t child;

static void
on_sigusr1(int signum, siginfo_t *info, void *where)
{
	(void)signum;
	(void)where;
	if (info->si_pid == child)
		started = 1;
}

static void
on_sigalrm(int signum)
{
	(void)signum;
	late = 1;
}

/* It is only to be heard of. */
static void
on_sigchld(int signum)
{
	(void)signum;
}

struct signals {
	sigset_t mask;
	struct sigaction usr1;
};

/* Signals of the child wait from now on until somebody is in sigsuspend(). */
static void
hold_signals(struct signals *before)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_sigusr1;
	action.sa_flags = SA_SIGINFO;
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGUSR1);
	sigaddset(&action.sa_mask, SIGALRM);
	sigaddset(&action.sa_mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &action.sa_mask, &before->mask);
	sigaction(SIGUSR1, &action, &before->usr1);
}

static void
as_before(const struct signals *before)
{
	sigaction(SIGUSR1, &before->usr1, NULL);
	sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* Wait for the child, and end as it has fared. */
static void
wait_and_exit(const struct signals *before)
{
	sigset_t mask = before->mask;
	bool dead;

	signal(SIGALRM, on_sigalrm);
	signal(SIGCHLD, on_sigchld);
	sigdelset(&mask, SIGUSR1);
	sigdelset(&mask, SIGALRM);
	sigdelset(&mask, SIGCHLD);
	alarm(START_LIMIT);
	/* looked at first: it may have died when nobody listened yet */
	while (!(dead = waitpid(child, NULL, WNOHANG)) && !started && !late)
		sigsuspend(&mask);
	/* the dead may have been a daemon: what it has sent comes in now */
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (started)
		exit(0);
	if (!dead) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	fprintf(stderr, dead ? "the daemon did not start\n"
			     : "the daemon did not start in time\n");
	/* the lock that it may have left is a stale one now */
	clear_the_way();
	exit(1);
}

/* ---- both ---- */

int
lws_daemonize(const char *lock_path)
{
	struct signals before;
	pid_t parent = getpid();

	if (getppid() == 1 || name_lock(lock_path) || clear_the_way())
		return 1;
	hold_signals(&before);
	child = fork();
	if (child > 0)
		wait_and_exit(&before);
	as_before(&before);
	if (child < 0)
		return complain("fork");
	if (be_daemon())
		_exit(1);
	kill(parent, SIGUSR1);
	return 0;
}

bool
lws_plat_is_daemon(void)
{
	return daemon_pid;
}

void
lws_plat_end_orphan(void)
{
	if (daemon_pid && getpid() != daemon_pid && kill(daemon_pid, 0) &&
	    errno == ESRCH)
		kill(getpid(), SIGTERM);
}
