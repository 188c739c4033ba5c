/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ping.h - how the files of test-ping know each other.
 *
 * The target is what the user named; a series is what went out on one
 * connection; the score is what the whole run comes to; the screen is what the
 * user sees of it.
 */
#ifndef LWS_TEST_PING_H
#define LWS_TEST_PING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libwebsockets.h"

#define PING_SIZE_MIN 8		/* the number in it takes that */
#define PING_SIZE_MAX 125	/* of a control frame */
#define MIRROR_SIZE_MAX 4096
#define LINKS_MAX 256

/* ---- ping-target.c: from a word to an address ---- */

struct ping_target {
	char address[256];	/* a name, or digits without brackets */
	char host[300];		/* for the Host header */
	char path[1024];
	int port;		/* 0: none was named */
	int scheme_port;	/* the usual one of ws: or wss:, else 0 */
	bool tls;		/* it began with wss: */
};

/*
 * Understand "name", "name:port", "::1", "[::1]:port" and
 * "ws://name:port/path".  False, after one line on stderr, for anything else.
 */
bool ping_target_parse(const char *word, struct ping_target *target);

/* ---- ping-score.c: what was sent, what came back ---- */

#define PING_RING 256

/* The pings of one connection; the latest PING_RING of them can be found. */
struct ping_series {
	uint64_t count;		/* sent so far; numbers begin at 1 */
	struct {
		long long at_us;
		bool answered;
	} sent[PING_RING];
};

struct ping_score {
	uint64_t sent;
	uint64_t received;	/* each ping counts once */
	uint64_t duplicates;
	uint64_t unknown;
	long long rtt_min;	/* of what was received, in microseconds */
	long long rtt_max;
	long long rtt_sum;
};

enum ping_verdict { PING_KNOWN, PING_DUPLICATE, PING_UNKNOWN };

/* The ping series->count + 1 has gone, at that time. */
void ping_sent(struct ping_series *series, struct ping_score *score,
	       long long at_us);

/* An answer has come: whose, and after how long (0 when unknown)? */
enum ping_verdict ping_answered(struct ping_series *series,
				struct ping_score *score, uint64_t number,
				long long now, long long *rtt_us);

/*
 * The number in the first 8 bytes of a payload, big endian.  Text has to be
 * UTF-8, so there each byte carries 7 bits of it.
 */
void ping_number_put(unsigned char *payload, uint64_t number, bool text);
uint64_t ping_number_get(const unsigned char *payload, bool text);

/* ---- ping-screen.c: what the user sees ---- */

struct ping_answer {
	enum ping_verdict verdict;
	size_t len;
	uint64_t number;
	long long rtt_us;
};

struct ping_summary {
	const struct ping_score *score;
	int links;
	size_t size;
	long long elapsed_us;
};

void ping_screen_begin(const char *address, bool flood);

/* The first connection is open: who is it that we ping? */
void ping_screen_peer(struct libwebsocket_context *context,
		      struct libwebsocket *wsi, size_t size);

void ping_screen_sent(void);
void ping_screen_answer(const struct ping_answer *answer);
void ping_screen_statistics(const struct ping_summary *summary);

/* ---- ping-link.c: the connections ---- */

struct ping_settings {
	struct ping_target target;
	const char *protocol;	/* NULL: ask for none */
	bool protocol_given;	/* by the user: nothing else will do */
	bool flood;
	bool mirror;
	bool killmask;
	bool tls;
	int port;
	int links;
	int version;		/* as the library counts */
	size_t size;
	long long interval_us;	/* 0: as fast as they are answered */
};

/* The callback of the one protocol. */
callback_function ping_callback;

/* Connect, ping until stopped or alone, tell; the status of the program. */
int ping_run(struct libwebsocket_context *context,
	     const struct ping_settings *settings);

#endif
