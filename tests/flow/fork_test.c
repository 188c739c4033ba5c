/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of libwebsockets_fork_service_loop() with real processes: this one
 * tests, an application that it starts forks the service, and strangers on raw
 * sockets are its clients.  The application does what it is told over a pipe
 * and answers each order with a number.
 */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "plat/plat.h"

#define MEMBERS 3

/* the default of a build */
#ifndef MAX_BROADCAST_PAYLOAD
#define MAX_BROADCAST_PAYLOAD 4096
#endif

/* the longest that every system sends at once, and one of those sent often */
#define MOST (MAX_BROADCAST_PAYLOAD < 65535 ? MAX_BROADCAST_PAYLOAD : 65535)
#define SIZE (MOST < 1000 ? MOST : 1000)

/* ---- the application ---- */

struct app {
	pid_t pid;
	int orders, answers;		/* this end of pipes */
	int port;
	const char *backend;		/* what it is started with */
};

static struct libwebsocket_protocols protocols[3];
static struct libwebsocket_context *context;
static volatile sig_atomic_t terminated;
static long blocks;
static unsigned established, greeted, client_heard;
static int fork_within;			/* result of a fork in a callback */
static lws_handle first;		/* of the first connection */

static void *
counted(void *ptr, size_t size)
{
	blocks += (size && !ptr) - (!size && ptr);
	if (size)
		return realloc(ptr, size);
	free(ptr);
	return NULL;
}

/* Asked for "who", it tells the service's process id. */
static int
received(struct libwebsocket *wsi, const char *in, size_t len)
{
	char text[32];
	int n;

	if (len == 3 && !memcmp(in, "who", 3)) {
		n = snprintf(text, sizeof(text), "%d", (int)getpid());
		libwebsocket_write(wsi, (unsigned char *)text, (size_t)n,
				   LWS_WRITE_TEXT);
	}
	if (len == 5 && !memcmp(in, "stuck", 5)) {
		/* an empty text, past the library */
		send(libwebsocket_get_socket_fd(wsi), "\201", 2, 0);
		for (;;)
			pause();
	}
	if (len == 4 && !memcmp(in, "busy", 4))
		usleep(300 * 1000);
	return 0;
}

static int
serve(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_ESTABLISHED:
		if (!established++)
			first = lws_get_handle(wsi);
		break;
	case LWS_CALLBACK_BROADCAST:
		/* twice, so that the first could spoil the second */
		if (libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT) < 0 ||
		    libwebsocket_write(wsi, in, len, LWS_WRITE_BINARY) < 0)
			return -1;
		((char *)in)[len] = '\0';
		break;
	case LWS_CALLBACK_RECEIVE:
		return received(wsi, in, len);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		greeted++;
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		client_heard++;
		break;
	case LWS_CALLBACK_USER:
		fork_within = libwebsockets_fork_service_loop(ctx);
		break;
	}
	return 0;
}

static bool
create(const char *backend, int *port)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	protocols[0].name = "first";
	protocols[1].name = "second";
	protocols[0].callback = protocols[1].callback = serve;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.uid = info.gid = -1;
	info.event_backend = backend;
	context = libwebsocket_create_context(&info);
	*port = info.port;
	return context;
}

static void
on_term(int signum)
{
	(void)signum;
	terminated = 1;
}

static int
broadcast(size_t len, char fill)
{
	unsigned char *buf = malloc(len + 1);
	int n;

	memset(buf, fill, len);
	n = libwebsockets_broadcast(&protocols[1], buf, len);
	free(buf);
	return n;
}

/* No descriptor more.  The hard limit stays: valgrind lets nobody change it. */
static int
grow_poor(void)
{
	struct rlimit few;

	if (getrlimit(RLIMIT_NOFILE, &few))
		return -1;
	few.rlim_cur = 3;
	return setrlimit(RLIMIT_NOFILE, &few);
}

/* One order, a line of a word and a number; what came of it. */
static int
obey(const char *word, int number, int port)
{
	unsigned n = (unsigned)number;
	uint64_t end = flow_ms() + FLOW_PATIENCE_MS;

	if (!strcmp(word, "fork"))
		return libwebsockets_fork_service_loop(context);
	if (!strcmp(word, "serve")) {
		while (established < n && flow_ms() < end)
			libwebsocket_service(context, 10);
		return (int)established;
	}
	if (!strcmp(word, "send"))
		return broadcast(n, 'b');
	if (!strcmp(word, "count")) {
		for (n = 0; n < (unsigned)number; n++)
			if (broadcast(SIZE, (char)('a' + n % 26)) != SIZE)
				return (int)n;
		return number;
	}
	if (!strcmp(word, "within")) {
		libwebsocket_callback_all_protocol(&protocols[1],
						   LWS_CALLBACK_USER);
		return fork_within;
	}
	if (!strcmp(word, "connect"))
		return libwebsocket_client_connect(
				context, "127.0.0.1", port, 0, "/", "here",
				NULL, "second", -1) != NULL;
	if (!strcmp(word, "resolve"))
		return libwebsocket_client_connect(
				context, "localhost", port, 0, "/", "here",
				NULL, "second", -1) == NULL ||
		       libwebsockets_fork_service_loop(context) == 0;
	if (!strcmp(word, "greeted")) {
		while (!greeted && flow_ms() < end)
			libwebsocket_service(context, 10);
		return (int)greeted;
	}
	if (!strcmp(word, "turns")) {
		while (client_heard < n && flow_ms() < end)
			libwebsocket_service(context, 10);
		return (int)client_heard;
	}
	if (!strcmp(word, "poor"))
		return grow_poor();
	if (!strcmp(word, "queue"))
		return lws_queue_write(first, "q", n, LWS_WRITE_TEXT);
	if (!strcmp(word, "quietly")) {
		errno = EDOM;
		lws_drain(context, LWS_CLOSE_STATUS_GOINGAWAY, 0);
		return errno == EDOM;
	}
	if (!strcmp(word, "hup"))
		return signal(SIGHUP, SIG_IGN) == SIG_ERR;
	if (!strcmp(word, "term"))
		return signal(SIGTERM, on_term) == SIG_ERR;
	if (!strcmp(word, "wait")) {
		while (!terminated && flow_ms() < end)
			usleep(1000);
		return terminated;
	}
	if (!strcmp(word, "drain")) {
		lws_drain(context, LWS_CLOSE_STATUS_GOINGAWAY, 600000);
		while (lws_drain_left(context) && flow_ms() < end)
			libwebsocket_service(context, 10);
		return lws_drain_left(context);
	}
	if (!strcmp(word, "destroy")) {
		libwebsocket_context_destroy(context);
		context = NULL;
		return (int)blocks;
	}
	_exit(number);
}

static void
be_app(const char *backend, int orders, int answers)
{
	FILE *in = fdopen(orders, "r");
	char line[64], word[32];
	int number, port;

	alarm(2 * FLOW_PATIENCE_MS / 1000);
	lws_set_allocator(counted);
	lws_set_log_level(getenv("FLOW_VERBOSE") ? 1023 : 0, NULL);
	if (!create(backend, &port))
		_exit(99);
	dprintf(answers, "%d\n", port);
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%31s %d", word, &number) != 2)
			_exit(98);
		dprintf(answers, "%d\n", obey(word, number, port));
	}
	_exit(97);
}

static int
read_number(struct app *app)
{
	char text[32];
	size_t n = 0;

	while (n < sizeof(text) - 1 && read(app->answers, text + n, 1) == 1 &&
	       text[n] != '\n')
		n++;
	assert_true(n > 0);
	text[n] = '\0';
	return atoi(text);
}

static void
order(struct app *app, const char *word, int number)
{
	dprintf(app->orders, "%s %d\n", word, number);
}

static int
ask(struct app *app, const char *word, int number)
{
	order(app, word, number);
	return read_number(app);
}

static void
start_with(struct app *app, const char *backend)
{
	int orders[2], answers[2];

	assert_int_equal(pipe2(orders, O_CLOEXEC), 0);
	assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
	app->pid = fork();
	assert_true(app->pid >= 0);
	if (!app->pid) {
		close(orders[1]);
		close(answers[0]);
		be_app(backend, orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	app->orders = orders[1];
	app->answers = answers[0];
	app->port = read_number(app);
}

static void
start(struct app *app)
{
	start_with(app, NULL);
}

/* How did it end? */
static int
status_of(struct app *app)
{
	int status;

	assert_int_equal(waitpid(app->pid, &status, 0), app->pid);
	close(app->orders);
	close(app->answers);
	return status;
}

static void
stop(struct app *app)
{
	int status;

	order(app, "exit", 0);
	status = status_of(app);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

/* ---- its clients ---- */

static int
dial(const struct app *app)
{
	const struct timeval patience = { FLOW_PATIENCE_MS / 1000, 0 };
	struct sockaddr_in at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)app->port);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&at, sizeof(at)))
		return fd;
	close(fd);
	return -1;
}

static void
read_all(int fd, void *to, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = recv(fd, (char *)to + got, len - got, 0);
		if (n <= 0)
			fail_msg("the connection broke after %zu bytes: %s",
				 got, n ? strerror(errno) : "end");
		got += (size_t)n;
	}
}

/* Ask for a WebSocket; its answer may come later. */
static int
half_member(const struct app *app)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Protocol: second\r\n\r\n";
	int fd = dial(app);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, request, sizeof(request) - 1, 0),
			 sizeof(request) - 1);
	return fd;
}

static void
welcome(int fd)
{
	char head[1024] = "";
	size_t n = 0;

	while (!strstr(head, "\r\n\r\n")) {
		assert_true(n < sizeof(head) - 1);
		read_all(fd, head + n++, 1);
	}
	assert_non_null(strstr(head, " 101 "));
}

static int
member(const struct app *app)
{
	int fd = half_member(app);

	welcome(fd);
	return fd;
}

/* One short text, masked with zeros. */
static void
say(int fd, const char *text)
{
	uint8_t frame[64] = { 0x81, (uint8_t)(0x80 | strlen(text)) };

	memcpy(frame + 6, text, strlen(text));
	assert_int_equal(send(fd, frame, 6 + strlen(text), 0),
			 6 + strlen(text));
}

/* The next frame: its first byte; *@len bytes at @to. */
static int
hear(int fd, char *to, size_t *len)
{
	uint8_t head[10];

	read_all(fd, head, 2);
	*len = head[1];
	if (head[1] == 126) {
		read_all(fd, head, 3 - 1);
		*len = (size_t)head[0] << 8 | head[1];
		read_all(fd, to, *len);
		return -1;
	}
	read_all(fd, to, *len);
	return head[0];
}

/* A broadcast of @len bytes @fill, which comes twice. */
static void
hear_broadcast(int fd, size_t len, char fill)
{
	static char got[MOST];
	size_t n, k;
	int times;

	for (times = 0; times < 2; times++) {
		hear(fd, got, &n);
		assert_int_equal(n, len);
		for (k = 0; k < n; k++)
			assert_int_equal(got[k], fill);
	}
}

static pid_t
service_of(int fd)
{
	char text[128];
	size_t len;

	say(fd, "who");
	assert_int_equal(hear(fd, text, &len), 0x81);
	text[len] = '\0';
	return (pid_t)atoi(text);
}

/* Its end: true when a Close 1001 was before it. */
static bool
parted(int fd)
{
	uint8_t frame[4];
	bool polite = false;
	ssize_t n = recv(fd, frame, 4, MSG_WAITALL);

	if (n == 4) {
		assert_int_equal(frame[0], 0x88);
		assert_int_equal(frame[2] << 8 | frame[3], 1001);
		polite = true;
		n = recv(fd, frame, 1, 0);
	}
	assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
	close(fd);
	return polite;
}

/* Until nobody listens there any more. */
static void
wait_gone(const struct app *app)
{
	uint64_t end = flow_ms() + FLOW_PATIENCE_MS;
	int fd;

	while ((fd = dial(app)) >= 0) {
		close(fd);
		assert_true(flow_ms() < end);
		usleep(10 * 1000);
	}
}

/* ---- broadcasts ---- */

static void
broadcasts_arrive(const char *backend)
{
	struct app app;
	int fd[MEMBERS], n, k;

	start_with(&app, backend);
	assert_int_equal(ask(&app, "fork", 0), 0);
	for (n = 0; n < MEMBERS; n++)
		fd[n] = member(&app);
	assert_true(service_of(fd[0]) != app.pid);
	assert_int_equal(ask(&app, "send", 1), 1);
	assert_int_equal(ask(&app, "count", 50), 50);
	for (n = 0; n < MEMBERS; n++) {
		hear_broadcast(fd[n], 1, 'b');
		for (k = 0; k < 50; k++)
			hear_broadcast(fd[n], SIZE, (char)('a' + k % 26));
	}
	stop(&app);
	for (n = 0; n < MEMBERS; n++)
		assert_true(parted(fd[n]));
}

static void
test_each_broadcast_is_one_callback_for_each_in_the_child(void **state)
{
	(void)state;
	broadcasts_arrive(NULL);
}

static void
test_the_backend_poll_can_be_forked_too(void **state)
{
	(void)state;
	broadcasts_arrive("poll");
}

static void
test_the_limit_is_exact_and_nothing_is_not_sent(void **state)
{
	struct app app;
	int fd;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	fd = member(&app);
	assert_int_equal(ask(&app, "send", MAX_BROADCAST_PAYLOAD + 1), -1);
	assert_int_equal(ask(&app, "send", 0), 0);
	assert_int_equal(ask(&app, "send", MOST), MOST);
	assert_int_equal(ask(&app, "send", 1), 1);
	hear_broadcast(fd, MOST, 'b');
	hear_broadcast(fd, 1, 'b');
	close(fd);
	stop(&app);
}

static void
test_a_busy_child_loses_nothing(void **state)
{
	const int many = 2000;
	struct app app;
	int fd, n;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	fd = member(&app);
	say(fd, "busy");
	order(&app, "count", many);
	for (n = 0; n < many; n++)
		hear_broadcast(fd, SIZE, (char)('a' + n % 26));
	assert_int_equal(read_number(&app), many);
	close(fd);
	stop(&app);
}

/* ---- what the fork takes along ---- */

static void
connections_live_on(const char *backend)
{
	struct app app;
	int fd[MEMBERS], n;
	char text[16];
	size_t len;
	pid_t child;

	start_with(&app, backend);
	for (n = 0; n < MEMBERS; n++)
		fd[n] = half_member(&app);
	assert_int_equal(ask(&app, "serve", MEMBERS), MEMBERS);
	for (n = 0; n < MEMBERS; n++)
		welcome(fd[n]);
	/* left by nobody's turn until the fork, it is said by the child */
	assert_int_equal(ask(&app, "queue", 1), 0);
	assert_int_equal(ask(&app, "fork", 0), 0);
	assert_int_equal(hear(fd[0], text, &len), 0x81);
	assert_true(len == 1 && text[0] == 'q');
	assert_int_equal(ask(&app, "queue", 1), -1);
	child = service_of(fd[0]);
	assert_true(child != app.pid);
	for (n = 1; n < MEMBERS; n++)
		assert_int_equal(service_of(fd[n]), child);
	assert_int_equal(ask(&app, "send", 1), 1);
	for (n = 0; n < MEMBERS; n++)
		hear_broadcast(fd[n], 1, 'b');
	/* all that was theirs is gone from the parent */
	assert_int_equal(ask(&app, "destroy", 0), 0);
	for (n = 0; n < MEMBERS; n++)
		assert_true(parted(fd[n]));
	stop(&app);
}

static void
test_connections_from_before_go_on_in_the_child(void **state)
{
	(void)state;
	connections_live_on(NULL);
	connections_live_on("poll");
}

static void
test_the_application_may_be_a_client_of_its_service(void **state)
{
	struct app app;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	assert_int_equal(ask(&app, "connect", 0), 1);
	assert_int_equal(ask(&app, "greeted", 0), 1);
	assert_int_equal(ask(&app, "send", 1), 1);
	assert_int_equal(ask(&app, "turns", 2), 2);
	assert_int_equal(ask(&app, "destroy", 0), 0);
	stop(&app);
}

/* ---- ends ---- */

static void
test_killing_the_application_ends_the_service(void **state)
{
	struct app app;
	int fd, hup;

	(void)state;
	/* ignoring SIGHUP, as daemons do, does not save the child */
	for (hup = 0; hup < 2; hup++) {
		start(&app);
		if (hup)
			assert_int_equal(ask(&app, "hup", 0), 0);
		assert_int_equal(ask(&app, "fork", 0), 0);
		fd = member(&app);
		assert_int_equal(kill(app.pid, SIGKILL), 0);
		assert_true(parted(fd));
		assert_true(WIFSIGNALED(status_of(&app)));
		wait_gone(&app);
	}
}

static void
test_a_child_whose_callback_never_returns_ends_too(void **state)
{
	struct app app;
	char text[8];
	size_t len;
	int fd;

	(void)state;
#ifndef __linux__
	/* no other system interrupts it */
	skip();
#endif
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	fd = member(&app);
	say(fd, "stuck");
	hear(fd, text, &len);
	assert_int_equal(kill(app.pid, SIGKILL), 0);
	assert_false(parted(fd));
	status_of(&app);
	wait_gone(&app);
}

static void
test_an_application_that_exits_ends_the_service(void **state)
{
	struct app app;
	int fd;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	fd = member(&app);
	stop(&app);
	assert_true(parted(fd));
	wait_gone(&app);
}

static void
test_destroying_the_context_waits_for_the_child(void **state)
{
	struct app app;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	assert_int_equal(ask(&app, "destroy", 0), 0);
	assert_int_equal(dial(&app), -1);
	stop(&app);
}

static void
test_killing_the_service_terminates_the_application(void **state)
{
	static const int signals[] = { SIGKILL, SIGTERM };
	struct app app;
	int fd, status;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(signals); n++) {
		start(&app);
		assert_int_equal(ask(&app, "fork", 0), 0);
		fd = member(&app);
		assert_int_equal(kill(service_of(fd), signals[n]), 0);
		assert_int_equal(parted(fd), signals[n] == SIGTERM);
		status = status_of(&app);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGTERM);
		wait_gone(&app);
	}
}

static void
test_an_application_that_handles_sigterm_can_tidy_up(void **state)
{
	struct app app;
	int fd;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "term", 0), 0);
	assert_int_equal(ask(&app, "fork", 0), 0);
	fd = member(&app);
	assert_int_equal(kill(service_of(fd), SIGKILL), 0);
	parted(fd);
	assert_int_equal(ask(&app, "wait", 0), 1);
	assert_int_equal(ask(&app, "send", 1), -1);
	/* and a signal handler spoils nothing */
	assert_int_equal(ask(&app, "quietly", 0), 1);
	assert_int_equal(ask(&app, "destroy", 0), 0);
	stop(&app);
}

static void
test_sighup_alone_ends_nothing(void **state)
{
	struct app app;
	int fd;
	pid_t child;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	fd = member(&app);
	child = service_of(fd);
	assert_int_equal(kill(child, SIGHUP), 0);
	assert_int_equal(service_of(fd), child);
	close(fd);
	stop(&app);
}

static void
test_draining_ends_the_child_in_good_order(void **state)
{
	struct app app;
	int fd;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "term", 0), 0);
	assert_int_equal(ask(&app, "fork", 0), 0);
	fd = member(&app);
	order(&app, "drain", 0);
	assert_true(parted(fd));
	assert_int_equal(read_number(&app), 0);
	/* that the service has ended is told as ever */
	assert_int_equal(ask(&app, "wait", 0), 1);
	assert_int_equal(ask(&app, "destroy", 0), 0);
	stop(&app);
}

/* ---- refusals ---- */

static void
test_a_second_fork_is_refused(void **state)
{
	struct app app;
	int fd;

	(void)state;
	start(&app);
	assert_int_equal(ask(&app, "fork", 0), 0);
	assert_int_equal(ask(&app, "fork", 0), -1);
	fd = member(&app);
	assert_int_equal(ask(&app, "send", 1), 1);
	hear_broadcast(fd, 1, 'b');
	close(fd);
	stop(&app);
}

static void
test_a_loop_of_the_application_is_not_forked(void **state)
{
	struct app app;

	(void)state;
	start_with(&app, "external");
	assert_int_equal(ask(&app, "fork", 0), -1);
	assert_int_equal(ask(&app, "destroy", 0), 0);
	stop(&app);
}

/* Its thread would be missing in the child. */
static void
test_a_fork_while_a_name_is_looked_up_is_refused(void **state)
{
	struct app app;

	(void)state;
	if (!lws_plat_has_threads())
		skip();
	start(&app);
	assert_int_equal(ask(&app, "resolve", 0), 0);
	assert_int_equal(ask(&app, "greeted", 0), 1);
	assert_int_equal(ask(&app, "fork", 0), 0);
	stop(&app);
}

static void
test_without_descriptors_all_stays_as_it_was(void **state)
{
	struct app app;
	int fd;

	(void)state;
	start(&app);
	fd = half_member(&app);
	assert_int_equal(ask(&app, "serve", 1), 1);
	welcome(fd);
	assert_int_equal(ask(&app, "poor", 0), 0);
	assert_int_equal(ask(&app, "fork", 0), -1);
	assert_int_equal(ask(&app, "send", 1), 0);
	hear_broadcast(fd, 1, 'b');
	assert_int_equal(ask(&app, "destroy", 0), 0);
	assert_true(parted(fd));
	stop(&app);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_each_broadcast_is_one_callback_for_each_in_the_child),
		cmocka_unit_test(test_the_backend_poll_can_be_forked_too),
		cmocka_unit_test(
			test_the_limit_is_exact_and_nothing_is_not_sent),
		cmocka_unit_test(test_a_busy_child_loses_nothing),
		cmocka_unit_test(
			test_connections_from_before_go_on_in_the_child),
		cmocka_unit_test(
			test_the_application_may_be_a_client_of_its_service),
		cmocka_unit_test(
			test_killing_the_application_ends_the_service),
		cmocka_unit_test(
			test_a_child_whose_callback_never_returns_ends_too),
		cmocka_unit_test(
			test_an_application_that_exits_ends_the_service),
		cmocka_unit_test(
			test_destroying_the_context_waits_for_the_child),
		cmocka_unit_test(
			test_killing_the_service_terminates_the_application),
		cmocka_unit_test(
			test_an_application_that_handles_sigterm_can_tidy_up),
		cmocka_unit_test(test_sighup_alone_ends_nothing),
		cmocka_unit_test(test_draining_ends_the_child_in_good_order),
		cmocka_unit_test(test_a_second_fork_is_refused),
		cmocka_unit_test(test_a_loop_of_the_application_is_not_forked),
		cmocka_unit_test(
			test_a_fork_while_a_name_is_looked_up_is_refused),
		cmocka_unit_test(test_without_descriptors_all_stays_as_it_was),
	};

	/* a connection that breaks while we write is no reason to die */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
