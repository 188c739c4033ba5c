/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * deflate_memory.c - memory that a compressed connection holds in a server
 * while it is idle.
 *
 *	deflate_memory ECHO-PROGRAM [CONNECTIONS]
 *
 * Every figure is from a server of its own, which is test-echo with --deflate:
 * what it has in memory more than before, divided by the connections.  "One
 * message" is after one of 1 KiB each way, "in use" after some of 16 KiB that
 * are hard to compress, when all that zlib has allocated has been written to.
 * The messages are compressed once, with the smallest window there is and
 * nothing from before them, which is right for any agreement.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "records.h"

#define SMALL 1024
#define LARGE 16384
#define LARGE_COUNT 6
#define MOST 4000		/* connections */
#define FIRST_WINDOW 9
#define LAST_WINDOW 15
#define LAST_MEM 9

/* what a client asks for */
#define RESETS "permessage-deflate; server_no_context_takeover; " \
	       "client_no_context_takeover"
#define KEEPS "permessage-deflate; client_max_window_bits"

struct message {
	unsigned char wire[2 * LARGE];
	size_t len;
};

/* bytes per connection */
struct figure {
	double one, used;
};

/* a frame's worth of what a connection has read and not looked at */
struct reader {
	int fd;
	unsigned char data[4096];
	size_t at, end;
};

static const char *program;
static pid_t server;		/* 0 while there is none */
static struct message small, large, small_plain, large_plain;

static void
stop_server(void)
{
	if (!server)
		return;
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	server = 0;
}

static void
die(const char *what)
{
	fprintf(stderr, "deflate_memory: %s\n", what);
	stop_server();
	exit(1);
}

/* ---- what is sent ---- */

static size_t
compress_text(const unsigned char *text, size_t len, unsigned char *out)
{
	z_stream z = { .next_in = (unsigned char *)text };

	if (deflateInit2(&z, 6, Z_DEFLATED, -FIRST_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		die("zlib has no memory");
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = 2 * LARGE - 16;
	deflate(&z, Z_SYNC_FLUSH);
	deflateEnd(&z);
	return 2 * LARGE - 16 - z.avail_out - 4;
}

/* One masked text frame (RFC 6455 section 5.2); a key of zero changes none. */
static void
make_message(struct message *m, const unsigned char *text, size_t len,
	     bool compressed)
{
	static const unsigned char key[4];
	unsigned char *body = m->wire + 8;

	if (compressed)
		len = compress_text(text, len, body);
	else
		memcpy(body, text, len);
	if (len < 126)
		die("a message is too short");
	m->wire[0] = compressed ? 0xc1 : 0x81;
	m->wire[1] = 0x80 | 126;
	m->wire[2] = (unsigned char)(len >> 8);
	m->wire[3] = (unsigned char)len;
	memcpy(m->wire + 4, key, sizeof(key));
	m->len = len + 8;
}

static void
make_messages(void)
{
	static unsigned char text[LARGE];
	unsigned int dice = 1;
	size_t n;

	records_fill(text, SMALL);
	make_message(&small, text, SMALL, true);
	make_message(&small_plain, text, SMALL, false);
	for (n = 0; n < LARGE; n++) {
		dice = dice * 1664525 + 1013904223;
		text[n] = (unsigned char)(' ' + (dice >> 26));
	}
	make_message(&large, text, LARGE, true);
	make_message(&large_plain, text, LARGE, false);
}

/* ---- the connections ---- */

static void
send_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len; p += n, len -= (size_t)n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			die("a connection has ended");
	}
}

static unsigned char
next_byte(struct reader *r)
{
	ssize_t n;

	if (r->at == r->end) {
		n = recv(r->fd, r->data, sizeof(r->data), 0);
		if (n <= 0)
			die("the server has closed a connection, or is late");
		r->at = 0;
		r->end = (size_t)n;
	}
	return r->data[r->at++];
}

/* Read one message; whether it is compressed must be as @compressed says. */
static void
take_answer(int fd, bool compressed)
{
	struct reader r = { .fd = fd };
	unsigned char first;
	bool begun = false;
	size_t len, n;

	do {
		first = next_byte(&r);
		if (!begun && compressed != !!(first & 0x40))
			die("the answer is not compressed as agreed");
		begun = true;
		len = next_byte(&r);
		n = len == 127 ? 8 : len == 126 ? 2 : 0;
		for (len = n ? 0 : len; n; n--)
			len = len << 8 | next_byte(&r);
		while (len--)
			next_byte(&r);
	} while (!(first & 0x80));
}

static void
shake_hands(int fd, const char *offer, const char *wanted)
{
	char head[2048];
	size_t len = 0;
	ssize_t n;

	snprintf(head, sizeof(head), "GET / HTTP/1.1\r\nHost: localhost\r\n"
		 "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		 "Sec-WebSocket-Version: 13\r\n%s%s%s\r\n",
		 offer ? "Sec-WebSocket-Extensions: " : "",
		 offer ? offer : "", offer ? "\r\n" : "");
	send_all(fd, head, strlen(head));
	do {
		n = recv(fd, head + len, sizeof(head) - 1 - len, 0);
		if (n <= 0)
			die("no answer to a handshake");
		len += (size_t)n;
		head[len] = '\0';
	} while (!strstr(head, "\r\n\r\n"));
	if (!strstr(head, " 101 ") || !strstr(head, wanted)) {
		fprintf(stderr, "%s\nwanted: %s\n", head, wanted);
		die("the server agrees to something else");
	}
}

static int
connect_to(int port)
{
	struct sockaddr_in there = { .sin_family = AF_INET };
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	there.sin_port = htons((uint16_t)port);
	there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		die("no socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&there, sizeof(there)))
		return fd;
	close(fd);
	return -1;
}

/* ---- the server ---- */

/* Returns when it listens. */
static void
start_server(const char *options, int port)
{
	char where[16];
	int fd, n, silence;

	snprintf(where, sizeof(where), "%d", port);
	server = fork();
	if (!server) {
		silence = open("/dev/null", O_WRONLY);
		dup2(silence, STDERR_FILENO);
		execl(program, program, "-d", "3", "-p", where, options,
		      (char *)NULL);
		_exit(127);
	}
	for (n = 0; n < 100; n++) {
		usleep(50 * 1000);
		if (server < 0 || waitpid(server, NULL, WNOHANG)) {
			server = 0;
			break;
		}
		fd = connect_to(port);
		if (fd >= 0) {
			close(fd);
			return;
		}
	}
	fprintf(stderr, "%s %s\n", program, options);
	die("the server does not listen");
}

/* bytes of it in memory; statm would be wrong by the kernel's batches */
static double
memory(void)
{
	char line[256];
	long kib = -1;
	FILE *f;

	snprintf(line, sizeof(line), "/proc/%d/smaps_rollup", (int)server);
	f = fopen(line, "r");
	while (f && kib < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "Rss: %ld", &kib) != 1)
			kib = -1;
	if (kib < 0)
		die("the system does not tell the server's memory");
	fclose(f);
	return (double)kib * 1024;
}

static void
exchange(int fd, const struct message *m, bool compressed, int times)
{
	while (times--) {
		send_all(fd, m->wire, m->len);
		take_answer(fd, compressed);
	}
}

/*
 * Figures of a server with @options whose clients offer @offer, which may be
 * NULL, and find @wanted in the answer.  A first client comes before the
 * measurement, so that what is there once is not counted.
 */
static struct figure
measure(const char *options, const char *offer, const char *wanted, int count)
{
	static int fds[MOST + 1], port;
	const struct message *one = offer ? &small : &small_plain;
	const struct message *more = offer ? &large : &large_plain;
	struct figure got;
	double before = 0;
	int n;

	port = port ? port + 1 : 20000 + getpid() % 9000;
	start_server(options, port);
	for (n = 0; n <= count; n++) {
		fds[n] = connect_to(port);
		if (fds[n] < 0)
			die("cannot connect");
		shake_hands(fds[n], offer, wanted);
		exchange(fds[n], one, offer, 1);
		if (n)
			continue;
		exchange(fds[0], more, offer, LARGE_COUNT);
		before = memory();
	}
	got.one = (memory() - before) / count;
	for (n = 1; n <= count; n++)
		exchange(fds[n], more, offer, LARGE_COUNT);
	got.used = (memory() - before) / count;
	for (n = 0; n <= count; n++)
		close(fds[n]);
	stop_server();
	return got;
}

/* ---- the table ---- */

static void
tell_bytes(const char *what, struct figure got)
{
	printf("%-28s %6.0f B after one message, %6.0f B in use\n", what,
	       got.one, got.used);
	fflush(stdout);
}

/* One window: inflating alone, then with our memory at each level. */
static void
tell_window(int window, int count)
{
	char options[64], wanted[64];
	struct figure got;
	int mem;

	snprintf(wanted, sizeof(wanted), window < LAST_WINDOW ?
		 "client_max_window_bits=%d" : "permessage-deflate", window);
	printf("%6d", window);
	for (mem = 0; mem <= LAST_MEM; mem++) {
		snprintf(options, sizeof(options), mem ?
			 "--deflate=peer-window=%d,window=%d,keep,mem=%d" :
			 "--deflate=peer-window=%d,reset", window, window,
			 mem);
		got = measure(options, KEEPS, wanted, count);
		printf(" %4.0f/%-4.0f", got.one / 1024, got.used / 1024);
		fflush(stdout);
	}
	printf("\n");
}

int
main(int argc, char **argv)
{
	struct rlimit files;
	int count = argc > 2 ? atoi(argv[2]) : 100, n;

	if (argc < 2 || count < 1 || count > MOST / 20) {
		fprintf(stderr, "usage: deflate_memory ECHO-PROGRAM "
			"[CONNECTIONS, at most %d]\n", MOST / 20);
		return 1;
	}
	program = argv[1];
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	make_messages();

	printf("Memory of an idle connection to a server:\n");
	tell_bytes("not compressed", measure("--no-compress", NULL, "", 2000));
	tell_bytes("without context takeover",
		   measure("--deflate=reset", RESETS, "no_context_takeover",
			   2000));
	printf("\nWith context takeover, KiB after one message/in use, of the "
	       "peer alone and of\nboth sides at each memory level:\n"
	       "window  peer's");
	for (n = 1; n <= LAST_MEM; n++)
		printf("     mem %d", n);
	printf("\n");
	for (n = FIRST_WINDOW; n <= LAST_WINDOW; n++)
		tell_window(n, count);
	return 0;
}
