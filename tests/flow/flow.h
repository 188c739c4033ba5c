/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * flow/flow.h - client and server of the library, and strangers on raw
 * sockets, in one process.
 *
 * With FLOW_TLS in the environment, a folder that tls/certs.c has filled, all of
 * it speaks TLS: side 0 serves it, clients verify it, strangers do it as well.
 *
 * Every callback of every connection is noted and held against the promises of
 * libwebsockets.h while it happens: user space zeroed, then kept; poll
 * callbacks paired and bracketed; CLOSED or CLIENT_CONNECTION_ERROR or neither,
 * once; nothing after the end.  A test adds a hook, drives the loop until
 * something is true and looks at the trace.  flow_end() sees to it that
 * everything has ended, and that no memory and no descriptor is lost.
 */
#ifndef LWS_FLOW_FLOW_H
#define LWS_FLOW_FLOW_H

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "libwebsockets.h"
#include "tls/tls.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* nobody takes longer than this, however slow the machine */
#ifndef FLOW_PATIENCE_MS
#define FLOW_PATIENCE_MS 60000
#endif

/* all reasons that are not the application's own */
#define FLOW_REASONS (LWS_CALLBACK_CLIENT_RECONNECTING + 1)

struct flow;

/* bytes that grow */
struct flow_bytes {
	uint8_t *p;
	size_t len, cap;
};

struct flow_conn {
	struct flow *flow;
	struct flow_side *side;
	struct libwebsocket *wsi;	/* NULL once destroyed */
	bool client, listener;
	bool locked, polled;		/* between LOCK and UNLOCK; ADD, DEL */
	int fd, events;
	uint8_t *space;			/* user space seen, or NULL */
	bool userdata;			/* and that is the test's */
	unsigned count[FLOW_REASONS];	/* callbacks, by reason */
	struct flow_bytes trace;	/* their names, blanks between */
	struct flow_bytes got;		/* payload received */
	char why[256];			/* of CLIENT_CONNECTION_ERROR */
	long n;				/* the test's */
	void *data;			/* the test's */
};

/* a context with its protocols "first" and "second", and its poll table */
struct flow_side {
	struct flow *flow;
	struct libwebsocket_context *context;
	struct libwebsocket_protocols protocols[3];
	struct lws_context_creation_info info;
	struct flow_conn *listener;
	struct pollfd polls[256];
	unsigned count_polls;
	unsigned inits, destroys;
	unsigned tls_told;		/* callbacks OPENSSL_... */
	bool external;			/* this loop is driven by us */
	void (*loop)(int ms);		/* or by one of another library's, once
					 * round, waiting so long at most */
};

/* somebody on the other side of a socket who is not the library */
struct flow_raw {
	int fd;
	struct lws_stream stream;	/* over it; of TLS or plain */
	bool deaf;			/* reads nothing */
	bool eof, reset;
	struct flow_bytes in;
};

typedef int flow_hook(struct flow_conn *c,
		      enum libwebsocket_callback_reasons reason, void *in,
		      size_t len);

struct flow {
	struct flow_side side[2];	/* the second only when asked for */
	struct flow_conn **conns;
	unsigned count_conns;
	struct flow_raw **raws;
	unsigned count_raws;
	flow_hook *hook;
	bool quiet;			/* no trace, payload not kept */
	struct libwebsocket *connecting;
	void *userdata;			/* of the client being made */
	int version;			/* and its WebSocket version, or -1 */
	int ssl;			/* and its ssl_connection */
	bool tls;			/* strangers speak it */
	struct lws_tls *raw_server, *raw_client;	/* theirs */
	const char *address;		/* and where to; NULL: 127.0.0.1 */
	unsigned open_fds;		/* before it began */
	long blocks;			/* so were these */
	bool hasty;			/* turns do not wait */
	bool within;			/* ends before another that is open */
	long turns;
};

/* ---- setting up: flow_begin(), change what is wanted, flow_open() ---- */

/* Is this a run over TLS? */
bool flow_over_tls(void);

/* The path of a file that tls/certs.c has made; NULL without any. */
const char *flow_cert(const char *file);

/* What flow_begin() does where FLOW_TLS is: serve TLS, and connect with it. */
void flow_use_tls(struct flow *f);

void flow_begin(struct flow *f);

/* Open side 0 on a free port of 127.0.0.1; a second one does not listen. */
void flow_open(struct flow *f);
void flow_open_second(struct flow *f);
int flow_port(const struct flow *f);

/* Destroy all, and check that nothing is left. */
void flow_end(struct flow *f);
void flow_destroy(struct flow_side *side);

/* ---- connections ---- */

/* A client of side @n to side 0 asking for @protocol; NULL if refused. */
struct flow_conn *flow_connect(struct flow *f, int n, const char *protocol);
struct flow_conn *flow_connect_to(struct flow *f, int n, int port,
				  const char *protocol, void *userdata);

/* the @n'th server or client connection, counted from 0, or NULL */
struct flow_conn *flow_server(const struct flow *f, unsigned n);
struct flow_conn *flow_client(const struct flow *f, unsigned n);

/* An established pair. */
void flow_pair(struct flow *f, struct flow_conn **server,
	       struct flow_conn **client);

/* has all of it ended? */
bool flow_over(const struct flow_conn *c);

/* ---- driving ---- */

void flow_turn(struct flow *f);
uint64_t flow_ms(void);

#define FLOW_UNTIL(f, condition) do {					\
	const uint64_t flow_limit_ = flow_ms() + FLOW_PATIENCE_MS;	\
	while (!(condition)) {						\
		if (flow_ms() > flow_limit_)				\
			fail_msg("still not: %s", #condition);		\
		flow_turn(f);						\
	}								\
} while (0)

/* Turn @ms long, to see that nothing happens. */
void flow_idle(struct flow *f, unsigned ms);

/*
 * The backend of that name; where "epoll" is not built, the best has one more
 * turn: NULL.  What is in a side's info goes through this.
 */
const char *flow_backend(const char *name);

/* ---- what happened ---- */

/* Compare the trace of @c; the names lack LWS_CALLBACK_. */
#define flow_assert_trace(c, want) \
	assert_string_equal(flow_trace(c), want)
const char *flow_trace(struct flow_conn *c);

/* lines logged at LLL_ERR and LLL_WARN since flow_begin(), and the last */
unsigned flow_errors(void);
unsigned flow_warnings(void);
const char *flow_last_line(void);

/* Write one message of @len bytes; what libwebsocket_write() said. */
int flow_write(struct flow_conn *c, const void *data, size_t len, int kind);
int flow_text(struct flow_conn *c, const char *text);

/* bytes at *@b, appended */
void flow_add(struct flow_bytes *b, const void *data, size_t len);
void flow_free(struct flow_bytes *b);

/* ---- strangers ---- */

/*
 * Connect to side 0; with small buffers when @buffer is not 0.  The other one
 * leaves TLS to flow_raw_upgrade(), for who is not to be served yet.
 */
struct flow_raw *flow_raw(struct flow *f, int buffer);
struct flow_raw *flow_raw_tcp(struct flow *f, int buffer);

/* Somebody who listens; its @fd is the listener's. */
struct flow_raw *flow_raw_listen(struct flow *f, int *port);

/* Somebody who has a port and refuses all; nobody else can get it meanwhile. */
struct flow_raw *flow_raw_refuse(struct flow *f, int *port);

/* The connection made to it, driving the loop until there is one. */
struct flow_raw *flow_raw_accept(struct flow *f, struct flow_raw *listener);

/* Have the system send all of it, driving the loop. */
void flow_raw_send(struct flow *f, struct flow_raw *r, const void *data,
		   size_t len);
void flow_raw_puts(struct flow *f, struct flow_raw *r, const char *text);

/* One frame, masked, with @first as its first byte. */
void flow_raw_frame(struct flow *f, struct flow_raw *r, int first,
		    const void *data, size_t len);

/* Become a WebSocket of protocol "second"; the answer is thrown away. */
void flow_raw_upgrade(struct flow *f, struct flow_raw *r);
struct flow_raw *flow_raw_ws(struct flow *f, int buffer);

/* Ask for it, with more header @fields; whatever is answered is left there. */
void flow_raw_ask(struct flow *f, struct flow_raw *r, const char *fields);

/* Answer the library's client; then frames follow. */
void flow_raw_answer(struct flow *f, struct flow_raw *r);
void flow_raw_answer_with(struct flow *f, struct flow_raw *r,
			  const char *fields);

/*
 * Send what the system takes now: bytes, or -1 when it takes none; then the same
 * bytes must come next.
 */
ssize_t flow_raw_try(struct flow_raw *r, const void *data, size_t len);

/* Send no more, but read on. */
void flow_raw_finish(struct flow_raw *r);

/* Does what was read contain @text? */
bool flow_raw_has(const struct flow_raw *r, const char *text);

/* how often */
unsigned flow_raw_times(const struct flow_raw *r, const char *text);

/* The status of the Close frame among the server frames read, or -1. */
int flow_raw_close_code(const struct flow_raw *r);

void flow_raw_close(struct flow_raw *r);
void flow_raw_reset(struct flow_raw *r);
void flow_raw_forget(struct flow_raw *r);

/* ---- memory: the allocator of the library is ours ---- */

/* Let allocation @n from now fail, and no other; negative: none. */
void flow_fail_allocation(long n);

/* did it? */
bool flow_allocation_failed(void);
long flow_blocks(void);
size_t flow_memory(void);

/* the most it was since it was asked the last time */
size_t flow_memory_peak(void);

unsigned flow_count_fds(void);

#endif
