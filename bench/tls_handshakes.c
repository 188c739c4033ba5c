/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls_handshakes.c - TLS handshakes that a server does per second of its own
 * CPU time, full or resumed.
 *
 *	tls_handshakes full|resumed --port N --server-cpu-pid N
 *		[--tls12] [--secs S] [--json]
 *
 * One client after the other: connect, handshake, close_notify from both sides.
 * Options and result are such that compare.py can run it in wsload's place.
 * With TLS 1.3 a ticket serves once and the next comes with the handshake that
 * it was used for, so resuming costs a server a new ticket each time.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 0.1

static struct {
	bool resumed, tls12, json;
	int port, pid;
	double secs;
} options = { .secs = 1 };

/* the last one received */
static SSL_SESSION *session;

static void
fail(const char *what)
{
	fprintf(stderr, "tls_handshakes: %s\n", what);
	exit(1);
}

static int
keep(SSL *ssl, SSL_SESSION *fresh)
{
	(void)ssl;
	SSL_SESSION_free(session);
	session = fresh;
	return 1;
}

static int
connect_to(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		fail("cannot connect");
	return fd;
}

/* One connection; what the server says before its close_notify is read. */
static void
handshake(SSL_CTX *ctx)
{
	const bool resume = options.resumed && session;
	int fd = connect_to(options.port);
	SSL *ssl = SSL_new(ctx);
	char c;

	if (!ssl || SSL_set_fd(ssl, fd) != 1 ||
	    (resume && SSL_set_session(ssl, session) != 1) ||
	    SSL_connect(ssl) != 1)
		fail("the handshake failed");
	if (resume != SSL_session_reused(ssl))
		fail(resume ? "the server resumes no session"
			    : "a session was resumed");
	SSL_shutdown(ssl);
	while (SSL_read(ssl, &c, 1) > 0)
		;
	SSL_free(ssl);
	close(fd);
}

static double
seconds_of(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		fail("the server is gone");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
measure(SSL_CTX *ctx)
{
	double from, until, cpu, spent;
	unsigned long count = 0;
	clockid_t server;

	if (clock_getcpuclockid(options.pid, &server))
		fail("no such server");
	until = seconds_of(CLOCK_MONOTONIC) + WARM_UP;
	while (seconds_of(CLOCK_MONOTONIC) < until)
		handshake(ctx);
	cpu = seconds_of(server);
	from = seconds_of(CLOCK_MONOTONIC);
	while (seconds_of(CLOCK_MONOTONIC) < from + options.secs) {
		handshake(ctx);
		count++;
	}
	cpu = seconds_of(server) - cpu;
	spent = seconds_of(CLOCK_MONOTONIC) - from;
	printf(options.json ?
	       "{\"messages\":%.10g,\"per_server_cpu_s\":%.10g,"
	       "\"total\":%lu}\n" :
	       "handshakes %.0f/s, per second of the server's CPU %.0f, "
	       "all in all %lu\n",
	       (double)count / spent, (double)count / cpu, count);
}

static void
parse(int argc, char **argv)
{
	static const struct option list[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "server-cpu-pid", required_argument, NULL, 'i' },
		{ "secs", required_argument, NULL, 's' },
		{ "tls12", no_argument, NULL, '2' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", list, NULL)) >= 0)
		switch (c) {
		case 'p':
			options.port = atoi(optarg);
			break;
		case 'i':
			options.pid = atoi(optarg);
			break;
		case 's':
			options.secs = atof(optarg);
			break;
		case '2':
			options.tls12 = true;
			break;
		case 'j':
			options.json = true;
			break;
		default:
			exit(2);
		}
	if (optind != argc - 1 || !options.port || !options.pid)
		fail("usage: tls_handshakes full|resumed --port N "
		     "--server-cpu-pid N [--tls12] [--secs S] [--json]");
	options.resumed = !strcmp(argv[optind], "resumed");
	if (!options.resumed && strcmp(argv[optind], "full"))
		fail("it is full or resumed");
}

int
main(int argc, char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	parse(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (!ctx)
		fail("OpenSSL does not start");
	if (options.tls12)
		SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
					    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep);
	measure(ctx);
	SSL_SESSION_free(session);
	SSL_CTX_free(ctx);
	return 0;
}
