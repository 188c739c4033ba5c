/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * versions_bench.c - messages that an echo server returns per second of its
 * own CPU time, in each protocol version.
 *
 *	versions_bench ECHO-PROGRAM [ROUNDS]
 *
 * The server is started once; the library's own clients make the load, fifty
 * of one version at a time, in interleaved rounds, so that what else the
 * machine does meets every version alike.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libwebsockets.h"

#define CLIENTS 50
#define SIZE    20
#define SECONDS 0.7
#define MOST_ROUNDS 15

static const int versions[] = { 13, 8, 7, 6, 5, 4, 76 };
#define COUNT (sizeof(versions) / sizeof(*versions))

static unsigned long answers;
static unsigned open_clients;
static int ending;

static int
say(struct libwebsocket *wsi)
{
	unsigned char text[] = "twenty bytes of text";

	return libwebsocket_write(wsi, text, SIZE, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

static int
callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	(void)context;
	(void)user;
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		open_clients++;
		return say(wsi);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		answers++;
		return ending ? -1 : say(wsi);
	case LWS_CALLBACK_CLOSED:
		open_clients--;
		return 0;
	default:
		return 0;
	}
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* CPU seconds that the process has used */
static double
cpu_of(pid_t pid)
{
	char path[64], line[1024];
	unsigned long user, system;
	const char *at;
	FILE *f;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f || !fgets(line, sizeof(line), f))
		exit(1);
	fclose(f);
	for (at = strrchr(line, ')'); at && n < 12; n++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, "%lu %lu", &user, &system) != 2)
		exit(1);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* messages per second of the server's CPU time */
static double
load(struct libwebsocket_context *context, pid_t server, int port, int version)
{
	unsigned long count;
	double until, cpu;
	int n;

	ending = 0;
	for (n = 0; n < CLIENTS; n++)
		libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/",
					    "localhost", "localhost", NULL,
					    version);
	while (open_clients < CLIENTS)
		libwebsocket_service(context, 100);
	count = answers;
	cpu = cpu_of(server);
	for (until = now() + SECONDS; now() < until;)
		libwebsocket_service(context, 100);
	cpu = cpu_of(server) - cpu;
	count = answers - count;
	for (ending = 1; open_clients;)
		libwebsocket_service(context, 100);
	return (double)count / cpu;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
measure(struct libwebsocket_context *context, pid_t server, int port,
	int rounds)
{
	static double got[COUNT][MOST_ROUNDS];
	double base;
	int round;
	size_t v;

	for (round = 0; round < rounds; round++)
		for (v = 0; v < COUNT; v++)
			got[v][round] = load(context, server, port,
					     versions[v]);
	for (v = 0; v < COUNT; v++)
		qsort(got[v], (size_t)rounds, sizeof(double), ascending);
	base = got[0][rounds / 2];
	for (v = 0; v < COUNT; v++)
		printf("version %2d  %7.0f messages per CPU second "
		       "[%.0f..%.0f]  x%.2f\n", versions[v],
		       got[v][rounds / 2], got[v][0], got[v][rounds - 1],
		       got[v][rounds / 2] / base);
}

static pid_t
start_server(const char *program, int port)
{
	char text[16];
	pid_t pid;

	snprintf(text, sizeof(text), "%d", port);
	pid = fork();
	if (pid)
		return pid;
	execl(program, program, "-p", text, "-d", "3", (char *)NULL);
	_exit(127);
}

int
main(int argc, char **argv)
{
	static struct libwebsocket_protocols protocols[] = {
		{ .name = "default", .callback = callback },
		{ .name = NULL }
	};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols,
		.gid = -1, .uid = -1,
	};
	int rounds = argc > 2 ? atoi(argv[2]) : 7, port = 20000 + getpid() % 9999;
	struct libwebsocket_context *context;
	pid_t server;

	if (argc < 2 || rounds < 1 || rounds > MOST_ROUNDS) {
		fprintf(stderr, "usage: versions_bench ECHO-PROGRAM [ROUNDS]\n");
		return 1;
	}
	lws_set_log_level(LLL_ERR, NULL);
	server = start_server(argv[1], port);
	context = libwebsocket_create_context(&info);
	if (server < 0 || !context)
		return 1;
	sleep(1);
	measure(context, server, port, rounds);
	libwebsocket_context_destroy(context);
	kill(server, SIGTERM);
	return waitpid(server, NULL, 0) != server;
}
