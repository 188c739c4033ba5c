/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of plat/unix/daemonize.c with real processes.  A caller becomes a
 * daemon that reports through a pipe and then does what the test wants; that
 * the pipe breaks says that it, and whoever it has forked, is gone.
 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libwebsockets.h"
#include "plat/plat.h"

/* ms that a process may take for anything on a slow machine */
#define PATIENCE 60000

/* exit status of a caller that was told 1 */
#define TOLD_1 41

struct report {
	pid_t pid, sid, parent;
	mode_t mask;
	bool at_root, null[3];
	int odd_signal;		/* that is not treated as it should be */
};

struct run {
	int status;		/* of the caller */
	char said[1024];	/* on stderr, until it ended */
	struct report report;	/* of the daemon, when there is one */
	int pipe;		/* breaks when it ends */
};

static char dir[] = "/tmp/lws-daemon-XXXXXX", lock[64];

static int
make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(lock, sizeof(lock), "%s/lock", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	unlink(lock);
	return rmdir(dir);
}

/* ---- what daemons do ---- */

static void
wait_for_a_signal(void)
{
	for (;;)
		pause();
}

static void
do_exit(void)
{
	exit(0);
}

static void
fork_one_that_exits(void)
{
	pid_t worker = fork();

	if (!worker)
		exit(0);
	waitpid(worker, NULL, 0);
	wait_for_a_signal();
}

static void
terminate_a_worker(void)
{
	pid_t worker = fork();

	if (!worker)
		wait_for_a_signal();
	kill(worker, SIGTERM);
	waitpid(worker, NULL, 0);
	wait_for_a_signal();
}

static int
callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	(void)context;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	return 0;
}

static void
fork_a_worker_that_serves(void)
{
	static struct libwebsocket_protocols protocols[2] = {
		{ .name = "first", .callback = callback },
	};
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.uid = info.gid = -1;
	context = libwebsocket_create_context(&info);
	if (context && !fork())
		while (libwebsocket_service(context, -1) >= 0)
			;
	wait_for_a_signal();
}

static bool
is_null(int fd)
{
	struct stat a, b;

	return !fstat(fd, &a) && !stat("/dev/null", &b) &&
	       a.st_rdev == b.st_rdev && S_ISCHR(a.st_mode);
}

static void
report(int fd)
{
	/* ignored, but for the last */
	static const int signals[] = { SIGHUP, SIGTSTP, SIGTTOU, SIGTTIN,
				       SIGCHLD };
	struct report r;
	struct sigaction action;
	char here[256];
	int n;

	memset(&r, 0, sizeof(r));
	r.pid = getpid();
	r.sid = getsid(0);
	r.parent = getppid();
	r.mask = umask(0);
	r.at_root = getcwd(here, sizeof(here)) && !strcmp(here, "/");
	for (n = 0; n < 5; n++) {
		sigaction(signals[n], NULL, &action);
		if (action.sa_handler != (n < 4 ? SIG_IGN : SIG_DFL))
			r.odd_signal = signals[n];
	}
	for (n = 0; n < 3; n++)
		r.null[n] = is_null(n);
	if (write(fd, &r, sizeof(r)) != sizeof(r))
		_exit(3);
}

/* ---- running one ---- */

static void (*before)(void);	/* in the caller, or NULL */

static void
be_caller(const char *path, void (*then)(void), int out, int err)
{
	int rc;

	alarm(0);
	dup2(err, 2);
	close(err);
	if (before)
		before();
	rc = lws_daemonize(path);
	if (rc)
		_exit(40 + rc);
	report(out);
	then();
	_exit(0);
}

static void
read_said(struct run *run, int fd)
{
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(run->said) - 1 &&
	       (got = read(fd, run->said + n, sizeof(run->said) - 1 - n)) > 0)
		n += (size_t)got;
	run->said[n] = '\0';
	close(fd);
}

static void
run_with(struct run *run, const char *path, void (*then)(void))
{
	int out[2], err[2];
	pid_t caller;

	memset(run, 0, sizeof(*run));
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	caller = fork();
	assert_true(caller >= 0);
	if (!caller) {
		close(out[0]);
		close(err[0]);
		be_caller(path, then, out[1], err[1]);
	}
	close(out[1]);
	close(err[1]);
	assert_int_equal(waitpid(caller, &run->status, 0), caller);
	assert_true(WIFEXITED(run->status));
	run->status = WEXITSTATUS(run->status);
	read_said(run, err[0]);
	run->pipe = out[0];
	if (read(out[0], &run->report, sizeof(run->report)) !=
	    sizeof(run->report))
		run->report.pid = 0;
}

static void
start(struct run *run, void (*then)(void))
{
	run_with(run, lock, then);
	assert_int_equal(run->status, 0);
	assert_true(run->report.pid > 0);
}

static void
wait_gone(struct run *run)
{
	struct pollfd one = { .fd = run->pipe, .events = POLLIN };

	assert_int_equal(poll(&one, 1, PATIENCE), 1);
	assert_int_equal(read(run->pipe, &one, 1), 0);
	close(run->pipe);
}

static void
stop(struct run *run, int signum)
{
	assert_int_equal(kill(run->report.pid, signum), 0);
	wait_gone(run);
}

/* the contents of the lock file; "" is empty, "-" is none */
static const char *
contents(void)
{
	static char text[64];
	int fd = open(lock, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return "-";
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

/* The caller does @first before it calls; in the end there is no lock. */
static void
run_after(struct run *run, void (*first)(void), void (*then)(void))
{
	before = first;
	run_with(run, lock, then);
	before = NULL;
	wait_gone(run);
	assert_string_equal(contents(), "-");
}

static void
plant(const char *text)
{
	int fd = open(lock, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
plant_pid(pid_t pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", (int)pid);
	plant(text);
}

/* one that is dead */
static pid_t
dead_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

/* ---- a daemon ---- */

static void
test_the_daemon_stands_alone_and_its_lock_names_it(void **state)
{
	struct run run;
	struct stat st;
	char want[32];
	int n;

	(void)state;
	umask(077);
	start(&run, wait_for_a_signal);
	umask(022);
	assert_string_equal(run.said, "");
	assert_int_equal(run.report.sid, run.report.pid);
	assert_int_equal(run.report.mask, 0);
	assert_true(run.report.at_root);
	assert_int_equal(run.report.odd_signal, 0);
	for (n = 0; n < 3; n++)
		assert_true(run.report.null[n]);
	snprintf(want, sizeof(want), "%d", (int)run.report.pid);
	assert_string_equal(contents(), want);
	assert_int_equal(stat(lock, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	stop(&run, SIGTERM);
	assert_string_equal(contents(), "-");
}

static void
test_a_relative_path_means_the_directory_of_the_call(void **state)
{
	struct run run;
	char here[256];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(dir), 0);
	run_with(&run, "lock", wait_for_a_signal);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(run.status, 0);
	assert_string_not_equal(contents(), "-");
	stop(&run, SIGTERM);
	assert_string_equal(contents(), "-");
}

static void
test_exit_removes_the_lock_too(void **state)
{
	struct run run;

	(void)state;
	start(&run, do_exit);
	wait_gone(&run);
	assert_string_equal(contents(), "-");
}

static void
test_processes_of_the_daemon_leave_its_lock_alone(void **state)
{
	void (*const ways[])(void) = { fork_one_that_exits,
				       terminate_a_worker };
	struct run run, second;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(ways) / sizeof(ways[0]); n++) {
		start(&run, ways[n]);
		/* its lock is there as long as it lives */
		run_with(&second, lock, wait_for_a_signal);
		assert_int_equal(second.status, 1);
		close(second.pipe);
		assert_string_not_equal(contents(), "-");
		stop(&run, SIGTERM);
		assert_string_equal(contents(), "-");
	}
}

static void
test_a_worker_that_serves_does_not_outlive_its_daemon(void **state)
{
	struct run run;

	(void)state;
	start(&run, fork_a_worker_that_serves);
	stop(&run, SIGKILL);
	assert_string_not_equal(contents(), "-");
	unlink(lock);
}

/* ---- locks that are there ---- */

static void
test_a_second_daemon_is_refused(void **state)
{
	struct run run, second;
	char want[64];

	(void)state;
	start(&run, wait_for_a_signal);
	run_with(&second, lock, wait_for_a_signal);
	assert_int_equal(second.status, 1);
	assert_int_equal(second.report.pid, 0);
	close(second.pipe);
	snprintf(want, sizeof(want), "Daemon already running from pid %d\n",
		 (int)run.report.pid);
	assert_non_null(strstr(second.said, want));
	stop(&run, SIGTERM);
}

static void
test_a_living_process_of_somebody_else_counts(void **state)
{
	struct run run;

	(void)state;
	plant("1");
	run_with(&run, lock, wait_for_a_signal);
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.said,
			       "Daemon already running from pid 1\n"));
	assert_non_null(strstr(run.said, lock));
	assert_string_equal(contents(), "1");
	close(run.pipe);
	unlink(lock);
}

static void
test_the_lock_of_a_dead_process_is_replaced(void **state)
{
	struct run run;
	char want[32];

	(void)state;
	plant_pid(dead_pid());
	start(&run, wait_for_a_signal);
	assert_non_null(strstr(run.said, "Removing stale lock"));
	assert_non_null(strstr(run.said, lock));
	snprintf(want, sizeof(want), "%d", (int)run.report.pid);
	assert_string_equal(contents(), want);
	stop(&run, SIGTERM);
}

static void
test_an_empty_lock_is_replaced(void **state)
{
	struct run run;

	(void)state;
	plant("");
	start(&run, wait_for_a_signal);
	assert_non_null(strstr(run.said, "Removing stale lock"));
	stop(&run, SIGTERM);
}

static void
test_a_file_of_other_contents_is_left_alone(void **state)
{
	static const char *const texts[] = {
		"hello", "12x", "-5", "0", "+7", " 7", "\n",
		"99999999999999999999", "4294967297", "1 2",
		"12345678901234567890123456789012345678901234567890",
	};
	struct run run;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(texts) / sizeof(texts[0]); n++) {
		plant(texts[n]);
		run_with(&run, lock, wait_for_a_signal);
		assert_int_equal(run.status, TOLD_1);
		assert_non_null(strstr(run.said, "holds no process id"));
		assert_non_null(strstr(run.said, lock));
		assert_string_equal(contents(), texts[n]);
		close(run.pipe);
	}
	unlink(lock);
}

static void
test_what_is_no_file_is_left_alone(void **state)
{
	struct run run;

	(void)state;
	assert_int_equal(mkdir(lock, 0700), 0);
	run_with(&run, lock, wait_for_a_signal);
	assert_int_equal(run.status, TOLD_1);
	assert_non_null(strstr(run.said, lock));
	close(run.pipe);
	assert_int_equal(rmdir(lock), 0);

	assert_int_equal(mkfifo(lock, 0600), 0);
	run_with(&run, lock, wait_for_a_signal);
	assert_int_equal(run.status, TOLD_1);
	close(run.pipe);
	assert_int_equal(unlink(lock), 0);

	assert_int_equal(symlink("/etc/passwd", lock), 0);
	run_with(&run, lock, wait_for_a_signal);
	assert_int_equal(run.status, TOLD_1);
	close(run.pipe);
	assert_int_equal(unlink(lock), 0);
}

static void
test_an_unwritable_place_is_reported_and_no_daemon_left(void **state)
{
	struct run run;

	(void)state;
	run_with(&run, "/nonexistent/place/lock", wait_for_a_signal);
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.said, "/nonexistent/place/lock"));
	assert_non_null(strstr(run.said, strerror(ENOENT)));
	assert_int_equal(run.report.pid, 0);
	wait_gone(&run);
}

/* ---- daemons that do not come about ---- */

static void
die(void)
{
	_exit(3);
}

static void
dawdle(void)
{
	sleep(60);
}

static void
die_in_the_child(void)
{
	pthread_atfork(NULL, NULL, die);
}

static void
dawdle_in_the_child(void)
{
	pthread_atfork(NULL, NULL, dawdle);
}

/* Until the child is dead; lws_daemonize() still finds it so. */
static void
see_it_die(void)
{
	siginfo_t info;

	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
}

static void
look_late(void)
{
	pthread_atfork(NULL, see_it_die, NULL);
}

/* SIGUSR1 from somebody else than the child says nothing. */
static void
dawdle_and_be_told(void)
{
	pid_t caller = getpid();

	if (!fork()) {
		int n;

		for (n = 0; n < 30; n++) {
			usleep(50 * 1000);
			kill(caller, SIGUSR1);
		}
		_exit(0);
	}
	/* until it is being waited for, that would end it */
	signal(SIGUSR1, SIG_IGN);
	dawdle_in_the_child();
}

static void
test_a_child_that_dies_is_no_success(void **state)
{
	struct run run;

	(void)state;
	run_after(&run, die_in_the_child, wait_for_a_signal);
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.said, "did not start\n"));
}

/* It has become a daemon first, and said so. */
static void
test_a_daemon_that_is_done_at_once_did_start(void **state)
{
	struct run run;

	(void)state;
	run_after(&run, look_late, do_exit);
	assert_string_equal(run.said, "");
	assert_int_equal(run.status, 0);
}

static void
test_a_child_that_takes_too_long_is_ended(void **state)
{
	void (*const ways[])(void) = { dawdle_in_the_child,
				       dawdle_and_be_told };
	struct run run;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(ways) / sizeof(ways[0]); n++) {
		run_after(&run, ways[n], wait_for_a_signal);
		assert_int_equal(run.status, 1);
		assert_non_null(strstr(run.said, "in time\n"));
	}
}

static void
orphan_itself(void)
{
	pid_t parent = getpid();
	int n;

	if (fork())
		_exit(0);
	for (n = 0; getppid() == parent && n < PATIENCE; n++)
		usleep(1000);
	/* where another process than init takes orphans there is no such case */
	if (getppid() != 1)
		_exit(TOLD_1);
}

static void
test_a_child_of_init_stays_what_it_is(void **state)
{
	struct run run;

	(void)state;
	run_after(&run, orphan_itself, wait_for_a_signal);
	assert_int_equal(run.status, 0);
	assert_int_equal(run.report.pid, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_daemon_stands_alone_and_its_lock_names_it),
		cmocka_unit_test(
			test_a_relative_path_means_the_directory_of_the_call),
		cmocka_unit_test(test_exit_removes_the_lock_too),
		cmocka_unit_test(
			test_processes_of_the_daemon_leave_its_lock_alone),
		cmocka_unit_test(
			test_a_worker_that_serves_does_not_outlive_its_daemon),
		cmocka_unit_test(test_a_second_daemon_is_refused),
		cmocka_unit_test(test_a_living_process_of_somebody_else_counts),
		cmocka_unit_test(test_the_lock_of_a_dead_process_is_replaced),
		cmocka_unit_test(test_an_empty_lock_is_replaced),
		cmocka_unit_test(test_a_file_of_other_contents_is_left_alone),
		cmocka_unit_test(test_what_is_no_file_is_left_alone),
		cmocka_unit_test(
			test_an_unwritable_place_is_reported_and_no_daemon_left),
		cmocka_unit_test(test_a_child_that_dies_is_no_success),
		cmocka_unit_test(test_a_daemon_that_is_done_at_once_did_start),
		cmocka_unit_test(test_a_child_that_takes_too_long_is_ended),
		cmocka_unit_test(test_a_child_of_init_stays_what_it_is),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
