/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crowd.c - many clients of every version draw on one mirror at once.
 *
 *	crowd PORT VERSION...
 *
 * Fifty clients of each version named connect to 127.0.0.1.  When all are
 * there each sends a drawing a second, ten in all, and the mirror returns
 * every drawing to everybody, the sender too.  Each names who drew it and
 * which of theirs it is, so a receiver knows at once what it has had already
 * and, in the end, what it has not.
 *
 * Prints "ok - ..." or "not ok - ..." for each thing that holds or does not;
 * the exit status is 0 when all do.  Nothing here depends on speed: who is
 * late is waited for as long as anything arrives anywhere.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libwebsockets.h"

#define PROTOCOL "lws-mirror-protocol"

enum {
	VERSIONS_MAX = 7,
	EACH = 50,		/* clients of a version */
	CLIENTS_MAX = VERSIONS_MAX * EACH,
	DRAWINGS = 10,		/* of a client; at most 16 */
	TEXT_MAX = 64,

	PERIOD_MS = 1000,
	AT_ONCE = 10,		/* connections under way together */
	TURN_MS = 5,
	PATIENCE_MS = 60000,	/* without any progress */
	AFTERWARDS_MS = 1000,	/* for what nobody has sent */
};

struct client {
	struct libwebsocket *wsi;
	int version;
	int number;		/* place among all */
	bool open;
	int sent;		/* drawings */
	long long due;		/* time of the next */

	/* drawings of each sender that have come, a bit for each */
	uint16_t came[CLIENTS_MAX];
	unsigned long again, disordered, strange;
};

static struct {
	struct client clients[CLIENTS_MAX];
	int count;
	int asked, open, sent;
	bool broken;		/* one has failed or was closed */
	bool leaving;
	unsigned long got;	/* different drawings, clients added up */
	long long progress;	/* time of the last */
	int status;
} crowd;

static long long
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void
progress(void)
{
	crowd.progress = now_ms();
}

static bool
stuck(void)
{
	return crowd.broken || now_ms() - crowd.progress > PATIENCE_MS;
}

/* ---- drawings ---- */

/* The circle number @n of @sender: no two are alike. */
static size_t
describe(char text[TEXT_MAX], int sender, int n)
{
	return (size_t)snprintf(text, TEXT_MAX, "c #%02X%04X %d %d %d;",
				(unsigned int)n, (unsigned int)sender,
				sender, n * 250 / DRAWINGS, 1 + sender % 24);
}

/* Whose circle is it, and which?  False if it is nobody's. */
static bool
recognise(const char *text, size_t len, int *sender, int *n)
{
	char same[TEXT_MAX], colour[7];
	unsigned long value;

	if (len < 9 || memcmp(text, "c #", 3))
		return false;
	memcpy(colour, text + 3, 6);
	colour[6] = '\0';
	value = strtoul(colour, NULL, 16);
	*n = (int)(value >> 16);
	*sender = (int)(value & 0xffff);
	if (*sender >= crowd.count || *n >= DRAWINGS)
		return false;
	return describe(same, *sender, *n) == len && !memcmp(same, text, len);
}

static void
receive(struct client *client, const char *text, size_t len)
{
	int sender, n;

	if (!libwebsocket_is_final_fragment(client->wsi) ||
	    libwebsockets_remaining_packet_payload(client->wsi) ||
	    !recognise(text, len, &sender, &n)) {
		client->strange++;
		return;
	}
	if (client->came[sender] >> n & 1) {
		client->again++;
		return;
	}
	if (client->came[sender] >> n)
		client->disordered++;
	client->came[sender] |= (uint16_t)(1 << n);
	crowd.got++;
	progress();
}

/* WRITEABLE comes unasked, too: only what is due is sent. */
static int
draw(struct client *client)
{
	char text[TEXT_MAX];
	size_t len;

	if (client->sent == DRAWINGS || !client->due ||
	    now_ms() < client->due)
		return 0;
	len = describe(text, client->number, client->sent);
	if (libwebsocket_write(client->wsi, (unsigned char *)text, len,
			       LWS_WRITE_TEXT) < (int)len)
		return -1;
	client->due += PERIOD_MS;
	client->sent++;
	crowd.sent++;
	progress();
	return 0;
}

/* ---- connections ---- */

static void
over(struct client *client, const char *how)
{
	if (crowd.leaving)
		return;
	crowd.broken = true;
	if (client)
		fprintf(stderr, "client %d, version %d: %s\n", client->number,
			client->version, how);
	else
		fprintf(stderr, "a client: %s\n", how);
}

static int
callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	struct client *client = user;

	(void)context;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		client->wsi = wsi;
		client->open = true;
		crowd.open++;
		progress();
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		over(client, "cannot connect");
		break;
	case LWS_CALLBACK_CLOSED:
		client->open = false;
		over(client, "closed");
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		receive(client, in, len);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return draw(client);
	default:
		break;
	}
	return 0;
}

static void
ask(struct libwebsocket_context *context, int port)
{
	struct client *client = &crowd.clients[crowd.asked++];

	client->wsi = libwebsocket_client_connect_extended(
		context, "127.0.0.1", port, 0, "/", "127.0.0.1", "localhost",
		PROTOCOL, client->version, client);
	if (!client->wsi)
		over(client, "cannot begin to connect");
}

/* Few at a time, so that each is served long before anybody finds it late. */
static void
connect_all(struct libwebsocket_context *context, int port)
{
	progress();
	while (crowd.open < crowd.count && !stuck()) {
		while (crowd.asked < crowd.count && !crowd.broken &&
		       crowd.asked - crowd.open < AT_ONCE)
			ask(context, port);
		libwebsocket_service(context, TURN_MS);
	}
}

/* ---- the ten seconds ---- */

static bool
complete(void)
{
	return crowd.got >= (unsigned long)crowd.count *
			    (unsigned long)crowd.count * DRAWINGS;
}

/* Everybody draws at another moment of the second. */
static void
make_appointments(void)
{
	const long long begin = now_ms();
	int i;

	for (i = 0; i < crowd.count; i++)
		crowd.clients[i].due = begin + PERIOD_MS * i / crowd.count;
}

static void
ask_who_is_due(struct libwebsocket_context *context)
{
	const long long now = now_ms();
	struct client *client;

	for (client = crowd.clients; client < crowd.clients + crowd.count;
	     client++)
		if (client->open && client->sent < DRAWINGS &&
		    now >= client->due)
			libwebsocket_callback_on_writable(context,
							  client->wsi);
}

static void
draw_all(struct libwebsocket_context *context)
{
	progress();
	make_appointments();
	while (!complete() && !stuck()) {
		ask_who_is_due(context);
		libwebsocket_service(context, TURN_MS);
	}
}

static void
stay_a_while(struct libwebsocket_context *context)
{
	const long long end = now_ms() + AFTERWARDS_MS;

	while (now_ms() < end)
		libwebsocket_service(context, TURN_MS);
}

/* ---- what came of it ---- */

static void
report(bool good, const char *what)
{
	printf("%s - %s\n", good ? "ok" : "not ok", what);
	if (!good)
		crowd.status = 1;
}

/* How many drawings @client lacks; *@sender and *@n are the last of them. */
static unsigned long
missing(const struct client *client, int *sender, int *n)
{
	unsigned long count = 0;
	int i, k;

	for (i = 0; i < crowd.count; i++)
		for (k = 0; k < DRAWINGS; k++)
			if (!(client->came[i] >> k & 1)) {
				count++;
				*sender = i;
				*n = k;
			}
	return count;
}

/* All that the clients of one version have got. */
static void
judge(int version)
{
	unsigned long lost = 0, again = 0, disordered = 0, strange = 0;
	const struct client *client;
	char text[300];
	int sender = 0, n = 0;

	for (client = crowd.clients; client < crowd.clients + crowd.count;
	     client++) {
		if (client->version != version)
			continue;
		lost += missing(client, &sender, &n);
		again += client->again;
		disordered += client->disordered;
		strange += client->strange;
	}
	if (!lost && !again && !disordered && !strange) {
		snprintf(text, sizeof(text), "each of %d clients of version "
			 "%d got every drawing once, in order", EACH, version);
		report(true, text);
		return;
	}
	if (lost)
		fprintf(stderr, "clients of version %d lack drawing %d of "
			"client %d, version %d\n", version, n, sender,
			crowd.clients[sender].version);
	snprintf(text, sizeof(text), "each client of version %d gets every "
		 "drawing once, in order: %lu lost, %lu again, %lu too late, "
		 "%lu that nobody sent", version, lost, again, disordered,
		 strange);
	report(false, text);
}

static void
run(struct libwebsocket_context *context, int port)
{
	long long begin;
	char text[200];
	int i;

	connect_all(context, port);
	snprintf(text, sizeof(text), "%d of %d clients are connected",
		 crowd.open, crowd.count);
	report(crowd.open == crowd.count && !crowd.broken, text);
	if (crowd.status)
		return;

	begin = now_ms();
	draw_all(context);
	snprintf(text, sizeof(text), "%d of %d drawings were sent and nobody "
		 "was cut off, in %lld ms", crowd.sent, crowd.count * DRAWINGS,
		 now_ms() - begin);
	stay_a_while(context);
	report(crowd.sent == crowd.count * DRAWINGS && !crowd.broken, text);
	for (i = 0; i < crowd.count / EACH; i++)
		judge(crowd.clients[i].version);
}

/* Everybody, versions mixed.  False unless the arguments are as described. */
static bool
invite(int argc, char **argv)
{
	struct client *client;
	int i, n;

	if (argc < 3 || argc > 2 + VERSIONS_MAX || atoi(argv[1]) <= 0)
		return false;
	for (n = 0; n < EACH; n++)
		for (i = 2; i < argc; i++) {
			client = &crowd.clients[crowd.count];
			client->number = crowd.count++;
			client->version = atoi(argv[i]);
		}
	return true;
}

int
main(int argc, char **argv)
{
	static struct libwebsocket_protocols protocols[] = {
		{ .name = PROTOCOL, .callback = callback },
		{ .name = NULL },
	};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = -1,
		.uid = -1,
	};
	struct libwebsocket_context *context;

	if (!invite(argc, argv)) {
		fprintf(stderr, "usage: crowd PORT VERSION...\n");
		return 2;
	}
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	context = libwebsocket_create_context(&info);
	if (!context)
		return 2;
	run(context, atoi(argv[1]));
	crowd.leaving = true;
	libwebsocket_context_destroy(context);
	return crowd.status;
}
