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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libwebsockets.h"
#include "base/alloc.h"

/* seconds in which the child must be on its own */
#define START_LIMIT 2

/* times 50 ms that an empty lock may yet be written to by its owner */
#define EMPTY_LOOKS 20

/* the daemon's, also in processes that it has forked */
static char *lock;
static pid_t daemon_pid;

/* ---- the lock file ---- */

/* Only the daemon itself; async-signal-safe. */
static void
remove_lock(void)
{
	if (getpid() == daemon_pid)
		unlink(lock);
}

/* All of @text as a process id, 0 when it is something else. */
static pid_t
parse_pid(const char *text)
{
	char *end;
	long pid;

	errno = 0;
	pid = strtol(text, &end, 10);
	end += strspn(end, " \t\r\n");
	if (errno || end == text || *end || pid <= 0 || pid > INT_MAX ||
	    text[0] < '0' || text[0] > '9')
		return 0;
	return (pid_t)pid;
}

/* The process named in the file @fd: 0 when it is empty, -1: something else. */
static pid_t
read_pid(int fd)
{
	const struct timespec a_while = { .tv_nsec = 50 * 1000 * 1000 };
	struct stat st;
	char text[32];
	ssize_t n = 0;
	int looks;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -1;
	for (looks = 0; !n && looks < EMPTY_LOOKS; looks++) {
		if (looks)
			nanosleep(&a_while, NULL);
		n = pread(fd, text, sizeof(text) - 1, 0);
	}
	if (n <= 0)
		return n < 0 ? -1 : 0;
	text[n] = '\0';
	return parse_pid(text) ? parse_pid(text) : -1;
}

static void
remove_lock_of(pid_t pid)
{
	const int fd = open(lock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && read_pid(fd) == pid)
		unlink(lock);
	if (fd >= 0)
		close(fd);
}

/* Is @fd still what @path names? */
static bool
is_same(int fd, const char *path)
{
	struct stat a, b;

	return !fstat(fd, &a) && !lstat(path, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/*
 * See to it that nobody's lock is at @path; @fd is what was there.  Two that
 * find the same stale one take turns, so that neither removes what the other
 * has made in its place.  0; 1: it is to stay.
 */
static int
judge(const char *path, int fd)
{
	pid_t pid = read_pid(fd);

	if (pid < 0) {
		fprintf(stderr, "%s holds no process id, so it is no lock "
			"file: remove it, or choose another\n", path);
		return 1;
	}
	if (pid && (!kill(pid, 0) || errno == EPERM)) {
		fprintf(stderr, "Daemon already running from pid %d\n"
			"(when that is another program, remove %s)\n",
			(int)pid, path);
		exit(1);
	}
	if (flock(fd, LOCK_EX) || !is_same(fd, path))
		return 0;
	fprintf(stderr, "Removing stale lock file %s of pid %d\n", path,
		(int)pid);
	if (!unlink(path))
		return 0;
	fprintf(stderr, "cannot remove %s: %s\n", path, strerror(errno));
	return 1;
}

static int
clear_the_way(const char *path)
{
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					  O_NOCTTY | O_CLOEXEC);
	int rc;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0) {
		fprintf(stderr, "cannot read lock file %s: %s\n", path,
			strerror(errno));
		return 1;
	}
	rc = judge(path, fd);
	close(fd);
	return rc;
}

/* Only who creates the file has it. */
static bool
create_lock(void)
{
	char text[32];
	int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	int n = snprintf(text, sizeof(text), "%d", (int)getpid());
	bool good;

	if (fd < 0) {
		fprintf(stderr, "cannot create lock file %s: %s\n", lock,
			errno == EEXIST ? "another daemon was faster"
					: strerror(errno));
		return false;
	}
	good = write(fd, text, (size_t)n) == n;
	good = !close(fd) && good;
	if (good)
		return true;
	fprintf(stderr, "cannot write lock file %s: %s\n", lock,
		strerror(errno));
	unlink(lock);
	return false;
}

/* ---- the daemon ---- */

static void
on_sigterm(int signum)
{
	(void)signum;
	remove_lock();
	_exit(0);
}

static void
handle(int signum, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigemptyset(&action.sa_mask);
	sigaction(signum, &action, NULL);
}

static bool
leave_terminal(void)
{
	const int null = open("/dev/null", O_RDWR);
	bool good;

	if (null < 0 || chdir("/")) {
		perror(null < 0 ? "/dev/null" : "/");
		return false;
	}
	good = dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2;
	if (null > 2)
		close(null);
	return good;
}

/* False when it cannot be, and a line on stderr says why. */
static bool
be_daemon(void)
{
	handle(SIGTSTP, SIG_IGN);
	handle(SIGTTOU, SIG_IGN);
	handle(SIGTTIN, SIG_IGN);
	handle(SIGHUP, SIG_IGN);
	handle(SIGCHLD, SIG_DFL);
	umask(0);
	setsid();
	if (!create_lock())
		return false;
	daemon_pid = getpid();
	if (!atexit(remove_lock) && leave_terminal()) {
		handle(SIGTERM, on_sigterm);
		return true;
	}
	remove_lock();
	return false;
}

/* ---- the process it comes from ---- */

static const int news[] = { SIGUSR1, SIGALRM, SIGCHLD };
#define NEWS (sizeof(news) / sizeof(news[0]))

static volatile sig_atomic_t started, late;
static pid_t child;

static void
on_news(int signum, siginfo_t *info, void *where)
{
	(void)where;
	if (signum == SIGUSR1 && info->si_pid == child)
		started = 1;
	if (signum == SIGALRM)
		late = 1;
}

struct signals {
	sigset_t mask;
	struct sigaction actions[NEWS];
};

/* Hear of news from now on, but only in sigsuspend(). */
static void
listen_for_news(struct signals *before)
{
	struct sigaction action;
	sigset_t block;
	size_t n;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_news;
	action.sa_flags = SA_SIGINFO;
	sigemptyset(&action.sa_mask);
	sigemptyset(&block);
	for (n = 0; n < NEWS; n++)
		sigaddset(&block, news[n]);
	sigprocmask(SIG_BLOCK, &block, &before->mask);
	for (n = 0; n < NEWS; n++)
		sigaction(news[n], &action, &before->actions[n]);
}

static void
as_before(const struct signals *before)
{
	size_t n;

	for (n = 0; n < NEWS; n++)
		sigaction(news[n], &before->actions[n], NULL);
	sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* Wait for the child, and end as it has fared. */
static void
wait_and_exit(const struct signals *before)
{
	sigset_t mask = before->mask;
	bool dead = false;
	size_t n;

	for (n = 0; n < NEWS; n++)
		sigdelset(&mask, news[n]);
	alarm(START_LIMIT);
	while (!started && !late && !dead) {
		sigsuspend(&mask);
		dead = waitpid(child, NULL, WNOHANG) == child;
	}
	if (started)
		exit(0);
	if (!dead) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	/* what it may have left: nobody else writes its number */
	remove_lock_of(child);
	fprintf(stderr, dead ? "the daemon did not start\n"
			     : "the daemon did not start in time\n");
	exit(1);
}

/* ---- both ---- */

/* The daemon's directory will be another. */
static char *
absolute(const char *path)
{
	char here[PATH_MAX];
	size_t size;
	char *whole;

	here[0] = '\0';
	if (path[0] != '/' && !getcwd(here, sizeof(here)))
		return NULL;
	size = strlen(here) + strlen(path) + 2;
	whole = lws_alloc(size);
	if (whole)
		snprintf(whole, size, "%s%s%s", here, here[0] ? "/" : "",
			 path);
	return whole;
}

static int
forget(void)
{
	lws_free(lock);
	lock = NULL;
	return 1;
}

int
lws_daemonize(const char *lock_path)
{
	struct signals before;
	pid_t parent = getpid();

	if (getppid() == 1)
		return 1;
	lock = absolute(lock_path);
	if (!lock) {
		fprintf(stderr, "lock file %s: out of memory, or the current "
			"directory is gone\n", lock_path);
		return 1;
	}
	if (clear_the_way(lock))
		return forget();
	listen_for_news(&before);
	child = fork();
	if (child < 0) {
		perror("fork");
		as_before(&before);
		return forget();
	}
	if (child)
		wait_and_exit(&before);
	as_before(&before);
	if (!be_daemon())
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
		raise(SIGTERM);
}
