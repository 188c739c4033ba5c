/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * broadcast_bench.c - messages that a mirror delivers per second of its own
 * CPU time.
 *
 *	broadcast_bench [--subs N] [--size BYTES] [--secs S] [--rounds N]
 *
 * A process serves N subscribers and some publishers, another one is all of
 * these.  What a publisher sends goes to every subscriber, in one of these ways:
 *
 *	message  lws_broadcast_message() from RECEIVE
 *	wait	 the same with LWS_WRITE_MAY_WAIT
 *	write    a ring, and one libwebsocket_write() for each connection and
 *		 message from WRITEABLE, which is how mirrors always did it
 *	send     no library: recv(), and a send() for each connection and message
 *
 * The loads are one message at a time, which is on its way until everybody has
 * it; bursts, from ten publishers at once; and ten publishers who draw, each 60
 * times a second however far the server is.  The ways take turns, and of their
 * rounds the median counts.
 *
 * Loopback does the receiver's share of TCP in the sender's send(), so that is
 * in the figures, too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libwebsockets.h"

enum way { MESSAGE, WAIT, WRITE, SEND, WAYS };

static const char *const way_names[] = { "message", "wait", "write", "send" };

struct load {
	const char *what;
	unsigned publishers, burst;
	double rate;		/* bursts a second of each; 0: when the last
				 * one has arrived everywhere */
};

static const struct load loads[] = {
	{ "1 at a time", 1, 1, 0 },
	{ "bursts of 10 x 4", 10, 4, 0 },
	{ "bursts of 10 x 16", 10, 16, 0 },
	{ "bursts of 10 x 64", 10, 64, 0 },
	{ "10 x 60 a second", 10, 1, 60 },
};

#define LOADS	   (sizeof(loads) / sizeof(loads[0]))
#define ROUNDS_MAX 31

static struct {
	unsigned subs, rounds;
	size_t size;
	double secs;
} options = { 1000, 3, 30, 1.0 };

/* what the server tells, in memory that both share by a pipe */
struct result {
	double cpu;
	unsigned long messages;
};

static void
fail(const char *what)
{
	fprintf(stderr, "broadcast_bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the server: what all ways share ---- */

static struct {
	enum way way;
	struct result result;
	bool begun, ended;
} server;

/* Messages of one byte say when measuring begins and ends. */
static bool
is_command(const unsigned char *data, size_t len)
{
	if (len != 1)
		return false;
	if (*data == 'S') {
		server.begun = true;
		server.result.cpu = -now(CLOCK_PROCESS_CPUTIME_ID);
		server.result.messages = 0;
	} else {
		server.ended = true;
		server.result.cpu += now(CLOCK_PROCESS_CPUTIME_ID);
	}
	return true;
}

/* ---- the ways of the library ---- */

#define SLOTS 65536u

static struct {
	unsigned char *data;
	size_t len;
} ring[SLOTS];
static unsigned head;

static int subscriber(struct libwebsocket_context *context,
		      struct libwebsocket *wsi,
		      enum libwebsocket_callback_reasons reason, void *user,
		      void *in, size_t len);
static int publisher(struct libwebsocket_context *context,
		     struct libwebsocket *wsi,
		     enum libwebsocket_callback_reasons reason, void *user,
		     void *in, size_t len);

static struct libwebsocket_protocols protocols[] = {
	{ .name = "publish", .callback = publisher, .rx_buffer_size = 4096 },
	{ .name = "subscribe",
	  .callback = subscriber,
	  .per_session_data_size = sizeof(unsigned),
	  .rx_buffer_size = 4096 },
	{ .name = NULL },
};

static int
subscriber(struct libwebsocket_context *context, struct libwebsocket *wsi,
	   enum libwebsocket_callback_reasons reason, void *user, void *in,
	   size_t len)
{
	unsigned *tail = user;

	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_ESTABLISHED)
		*tail = head;
	if (reason != LWS_CALLBACK_SERVER_WRITEABLE)
		return 0;
	while (*tail != head) {
		if (lws_send_pipe_choked(wsi)) {
			libwebsocket_callback_on_writable(context, wsi);
			break;
		}
		if (libwebsocket_write(wsi, ring[*tail % SLOTS].data,
				       ring[*tail % SLOTS].len,
				       LWS_WRITE_BINARY) < 0)
			return -1;
		(*tail)++;
	}
	return 0;
}

static void
put_in_ring(const void *data, size_t len)
{
	unsigned n = head++ % SLOTS;

	free(ring[n].data);
	ring[n].data = malloc(len);
	if (!ring[n].data)
		fail("no memory");
	memcpy(ring[n].data, data, len);
	ring[n].len = len;
	libwebsocket_callback_on_writable_all_protocol(&protocols[1]);
}

static int
publisher(struct libwebsocket_context *context, struct libwebsocket *wsi,
	  enum libwebsocket_callback_reasons reason, void *user, void *in,
	  size_t len)
{
	(void)context;
	(void)wsi;
	(void)user;
	if (reason != LWS_CALLBACK_RECEIVE || is_command(in, len))
		return 0;
	server.result.messages++;
	if (server.way == WRITE)
		put_in_ring(in, len);
	else if (lws_broadcast_message(&protocols[1], NULL, in, len,
				       LWS_WRITE_BINARY |
				       (server.way == WAIT ? LWS_WRITE_MAY_WAIT
							   : 0)) < 0)
		return -1;
	return 0;
}

static void
serve(int port_to)
{
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;

	memset(&info, 0, sizeof(info));
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.gid = info.uid = -1;
	context = libwebsocket_create_context(&info);
	if (!context)
		fail("no context");
	if (write(port_to, &info.port, sizeof(info.port)) < 0)
		fail("pipe");
	while (!server.ended)
		libwebsocket_service(context, 1000);
	libwebsocket_context_destroy(context);
}

/* ---- the way without ---- */

struct bare {
	int fd, kind;		/* 'P' or 'S', as its first byte says */
	size_t have;
	unsigned char data[65536];
};

static struct bare *bares[65536];
static int subscribers[65536];
static unsigned count_subscribers;

/* A frame of a client with a mask of zeros becomes one of a server. */
static void
send_to_all(unsigned char *frame, size_t len)
{
	unsigned char out[4 + 65536];
	unsigned n;

	out[0] = frame[0];
	out[1] = frame[1] & 0x7f;
	memcpy(out + 2, frame + 6, len);
	server.result.messages++;
	for (n = 0; n < count_subscribers; n++)
		if (send(subscribers[n], out, 2 + len, MSG_NOSIGNAL) < 0)
			fail("send");
}

static void
bare_frames(struct bare *b)
{
	size_t at = 0;

	while (b->have - at >= 6) {
		size_t len = b->data[at + 1] & 0x7f;

		if (b->have - at < 6 + len)
			break;
		if (!is_command(b->data + at + 6, len))
			send_to_all(b->data + at, len);
		at += 6 + len;
	}
	memmove(b->data, b->data + at, b->have - at);
	b->have -= at;
}

static void
bare_read(int fd)
{
	struct bare *b = bares[fd];
	ssize_t n = recv(fd, b->data + b->have, sizeof(b->data) - b->have, 0);

	if (n <= 0)
		exit(0);
	b->have += (size_t)n;
	if (!b->kind) {
		b->kind = b->data[0];
		memmove(b->data, b->data + 1, --b->have);
		if (b->kind == 'S')
			subscribers[count_subscribers++] = fd;
		if (send(fd, "\r\n\r\n", 4, MSG_NOSIGNAL) != 4)
			fail("send");
	}
	bare_frames(b);
}

static void
watch(int poll_fd, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &e) < 0)
		fail("epoll");
}

static void
nodelay(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void
bare_accept(int poll_fd, int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		fail("accept");
	nodelay(fd);
	bares[fd] = calloc(1, sizeof(**bares));
	if (!bares[fd])
		fail("no memory");
	watch(poll_fd, fd);
}

static void
serve_bare(int port_to)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	int poll_fd = epoll_create1(0), port, n, k;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct epoll_event ready[256];

	if (bind(listener, (struct sockaddr *)&a, size) < 0 ||
	    listen(listener, 1024) < 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &size) < 0)
		fail("listen");
	port = ntohs(a.sin_port);
	if (write(port_to, &port, sizeof(port)) < 0)
		fail("pipe");
	watch(poll_fd, listener);
	while (!server.ended) {
		n = epoll_wait(poll_fd, ready, 256, 1000);
		for (k = 0; k < n; k++)
			if (ready[k].data.fd == listener)
				bare_accept(poll_fd, listener);
			else
				bare_read(ready[k].data.fd);
	}
}

/* ---- those who load it ---- */

static struct {
	int *subs, *pubs;
	int poll_fd;
	unsigned long long got;	/* bytes, of all */
} crowd;

static int
connect_to(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		fail("connect");
	nodelay(fd);
	return fd;
}

static void
greet(int fd, enum way way, const char *protocol)
{
	char text[512];
	size_t len = 0;

	if (way == SEND)
		len = (size_t)snprintf(text, sizeof(text), "%c",
				       *protocol == 's' ? 'S' : 'P');
	else
		len = (size_t)snprintf(
			text, sizeof(text),
			"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
			"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
			"Sec-WebSocket-Protocol: %s\r\n\r\n", protocol);
	if (send(fd, text, len, 0) != (ssize_t)len)
		fail("send");
	for (len = 0; len < 4 || memcmp(text + len - 4, "\r\n\r\n", 4); len++)
		if (len == sizeof(text) || recv(fd, text + len, 1, 0) != 1)
			fail("handshake");
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

static size_t
frame(unsigned char *to, const char *payload, size_t len)
{
	to[0] = 0x82;
	to[1] = (unsigned char)(0x80 | len);
	memset(to + 2, 0, 4);
	memcpy(to + 6, payload, len);
	return 6 + len;
}

static void
push(int fd, const void *data, size_t len)
{
	if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail("a publisher cannot send");
}

static void
command(const char *what)
{
	unsigned char out[7];

	push(crowd.pubs[0], out, frame(out, what, 1));
}

static void
take(int timeout_ms)
{
	static char data[1 << 20];
	struct epoll_event ready[512];
	int n = epoll_wait(crowd.poll_fd, ready, 512, timeout_ms), k;
	ssize_t len;

	for (k = 0; k < n; k++) {
		len = recv(ready[k].data.fd, data, sizeof(data), 0);
		if (len <= 0)
			fail("the server has gone");
		crowd.got += (unsigned long long)len;
	}
}

static unsigned long long
wanted(unsigned long messages)
{
	return (unsigned long long)messages * (2 + options.size) *
	       options.subs;
}

static void
burst(int fd, unsigned count)
{
	unsigned char out[64 * (6 + 125)];
	char payload[126];
	size_t len = 0;
	unsigned n;

	memset(payload, 'c', sizeof(payload));
	for (n = 0; n < count; n++)
		len += frame(out + len, payload, options.size);
	push(fd, out, len);
}

static void
load_closed(const struct load *load)
{
	const double end = now(CLOCK_MONOTONIC) + options.secs;
	unsigned long messages = 0;
	unsigned n;

	while (now(CLOCK_MONOTONIC) < end) {
		for (n = 0; n < load->publishers; n++)
			burst(crowd.pubs[n], load->burst);
		messages += load->publishers * load->burst;
		while (crowd.got < wanted(messages))
			take(1000);
	}
}

/* One publisher after the other, evenly. */
static void
load_open(const struct load *load)
{
	const double begin = now(CLOCK_MONOTONIC);
	const double step = 1 / (load->rate * load->publishers);
	unsigned long messages = 0, bursts = 0;
	double t;

	while ((t = now(CLOCK_MONOTONIC) - begin) < options.secs) {
		for (; (double)bursts * step <= t; bursts++) {
			burst(crowd.pubs[bursts % load->publishers],
			      load->burst);
			messages += load->burst;
		}
		take(1);
	}
	while (crowd.got < wanted(messages))
		take(1000);
}

static void
crowd_run(enum way way, const struct load *load, int port)
{
	struct epoll_event e = { .events = EPOLLIN };
	unsigned n;

	crowd.subs = calloc(options.subs, sizeof(int));
	crowd.pubs = calloc(load->publishers, sizeof(int));
	crowd.poll_fd = epoll_create1(0);
	for (n = 0; n < options.subs; n++) {
		e.data.fd = crowd.subs[n] = connect_to(port);
		greet(crowd.subs[n], way, "subscribe");
		epoll_ctl(crowd.poll_fd, EPOLL_CTL_ADD, e.data.fd, &e);
	}
	for (n = 0; n < load->publishers; n++) {
		crowd.pubs[n] = connect_to(port);
		greet(crowd.pubs[n], way, "publish");
	}
	command("S");
	if (load->rate > 0)
		load_open(load);
	else
		load_closed(load);
	command("E");
	/* the server ends first, so its sockets do not linger on our account */
	while (recv(crowd.pubs[0], &n, sizeof(n), MSG_DONTWAIT) < 0 &&
	       errno == EAGAIN)
		usleep(1000);
}

/* ---- both ---- */

static void
server_run(enum way way, int port_to, int result_to)
{
	server.way = way;
	if (way == SEND)
		serve_bare(port_to);
	else
		serve(port_to);
	if (write(result_to, &server.result, sizeof(server.result)) < 0)
		fail("pipe");
	exit(0);
}

/* Deliveries per second of the server's CPU time. */
static double
measure(enum way way, const struct load *load)
{
	int ports[2], results[2], port, status;
	struct result result;
	pid_t serving, loading;

	if (pipe(ports) < 0 || pipe(results) < 0)
		fail("pipe");
	serving = fork();
	if (!serving)
		server_run(way, ports[1], results[1]);
	if (serving < 0 || read(ports[0], &port, sizeof(port)) <= 0)
		fail("no server");
	loading = fork();
	if (!loading) {
		crowd_run(way, load, port);
		exit(0);
	}
	waitpid(loading, &status, 0);
	if (status) {
		kill(serving, SIGKILL);
		exit(1);
	}
	if (read(results[0], &result, sizeof(result)) != sizeof(result))
		fail("no result");
	waitpid(serving, &status, 0);
	close(ports[0]);
	close(ports[1]);
	close(results[0]);
	close(results[1]);
	return (double)result.messages * options.subs / result.cpu;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
row(const struct load *load)
{
	double got[WAYS][ROUNDS_MAX], mid[WAYS];
	unsigned round, way;

	for (round = 0; round < options.rounds; round++)
		for (way = 0; way < WAYS; way++)
			got[way][round] = measure((enum way)way, load);
	printf("%-18s", load->what);
	for (way = 0; way < WAYS; way++) {
		qsort(got[way], options.rounds, sizeof(double), compare);
		mid[way] = got[way][options.rounds / 2];
		printf("  %s %.0f [%.0f..%.0f]", way_names[way],
		       mid[way] / 1000, got[way][0] / 1000,
		       got[way][options.rounds - 1] / 1000);
	}
	printf("  to write %.2f, wait %.2f  to send %.2f, wait %.2f\n",
	       mid[MESSAGE] / mid[WRITE], mid[WAIT] / mid[WRITE],
	       mid[MESSAGE] / mid[SEND], mid[WAIT] / mid[SEND]);
	fflush(stdout);
}

static void
parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "subs", required_argument, NULL, 's' },
		{ "size", required_argument, NULL, 'z' },
		{ "secs", required_argument, NULL, 't' },
		{ "rounds", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		if (c == 's')
			options.subs = (unsigned)strtoul(optarg, NULL, 0);
		else if (c == 'z')
			options.size = strtoul(optarg, NULL, 0);
		else if (c == 't')
			options.secs = strtod(optarg, NULL);
		else if (c == 'r')
			options.rounds = (unsigned)strtoul(optarg, NULL, 0);
		else
			exit(1);
	}
	if (options.subs < 1 || options.subs > 60000 || options.size < 2 ||
	    options.size > 125 || options.rounds < 1 ||
	    options.rounds > ROUNDS_MAX) {
		fprintf(stderr, "broadcast_bench: out of range\n");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct rlimit limit;
	size_t n;

	parse(argc, argv);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	printf("%u subscribers, %zu bytes: thousand deliveries per CPU "
	       "second\n", options.subs, options.size);
	fflush(stdout);
	for (n = 0; n < LOADS; n++)
		row(&loads[n]);
	return 0;
}
