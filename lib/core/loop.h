/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/loop.h - one thread's service loop: everything that changes.
 */
#ifndef LWS_CORE_LOOP_H
#define LWS_CORE_LOOP_H

#include "base/compiler.h"
#include "base/list.h"
#include "base/wheel.h"
#include "core/alarm.h"
#include "core/latency.h"
#include "core/mailbox.h"
#include "core/rx.h"
#include "core/tx.h"
#include "event/event.h"
#include "event/host.h"

struct libwebsocket_context;
struct lws_ext_pool;
struct lws_keepalive;
struct lws_lookups;
struct lws_mark;
struct lws_part;
struct lws_shares;

/* entries taken from the backend at a time */
#define LWS_READY_MAX 256

struct lws_loop {
	struct libwebsocket_context *context;
	struct lws_events events;
	struct lws_host host;		/* somebody's loop that serves us */
	uint8_t *rx;			/* the shared receive buffer */
	size_t tx_high;			/* queued bytes that wait for the end
					 * of the turn; none outside one */
	bool in_turn;			/* flushing and burying will follow */
	bool foreign;			/* the application polls for us, or has
					 * done so before */
	bool away;			/* so, or it waits for our whole set:
					 * has to be told to come back */
	bool destroying;
	int thread_id;			/* GET_THREAD_ID, 0: not in use; never
					 * 0 where there are several loops */
	const void *thread;		/* and then, atomic: whose it is */
	unsigned handshakes;		/* steps of TLS in this turn */
	uint64_t now_ms;
	struct lws_list work;
	struct lws_list flush;
	struct lws_list doomed;
	struct lws_list listeners;	/* by peers */
	struct lws_list lingering;	/* by peers */
	struct lws_list *members;	/* by peers, one list per protocol */
	struct lws_mark *marks;		/* visits that go on: core/protocol.c */
	struct lws_part *spare;		/* what gathered a chunk last, idle */
	struct lws_ext_pool *ext;	/* what extensions share, or NULL */
	bool ext_busy;			/* they are at work on input */
	struct lws_list seconds;	/* who is told of every second */
	uint64_t second;		/* the latest they were told of */
	struct lws_chunk *pool;		/* idle chunks */
	unsigned lent;			/* chunks in use */
	struct lws_mailbox mailbox;
	uint32_t wake_slot;
	unsigned random_left;
	bool alarmed;			/* an alarm is set, or was lately */
	struct lws_list due;		/* alarms for the end of the turn */
	struct lws_lookups *lookups;	/* names being looked up, or NULL */
	struct lws_keepalive **pinged;	/* by descriptor, of those it is for */
	size_t count_pinged;
	struct {
		struct lws_alarm alarm;
		uint64_t end_ms;
		unsigned left;		/* atomic: connections, plus one; 0
					 * before it begins */
	} drain;			/* of stage/drain.c */
	struct lws_shares *shares;	/* output of many, or NULL */
	struct lws_list stays;		/* clients that stay connected */
	LWS_LATENCY_OF_LOOP
	/* last what is long: near the front addresses are short */
	uint8_t random[1024];		/* bytes for masks, used once each */
	struct lws_wheel wheel;		/* seconds */
	struct lws_wheel fine;		/* of core/alarm.h */
};

/* 0, or an enum lws_err after logging it */
int lws_loop_init(struct lws_loop *loop, struct libwebsocket_context *context,
		  const struct lws_event_ops *backend, unsigned max_fds);
void lws_loop_fini(struct lws_loop *loop);

/* Wait and serve once; LWS_ERR_IO when waiting itself fails. */
int lws_loop_turn(struct lws_loop *loop, int timeout_ms);

/* A turn with the one descriptor somebody else waited for, -1 for none. */
int lws_loop_turn_fd(struct lws_loop *loop, int fd, short revents);

/* Outside a turn: what its end would do. */
void lws_loop_settle(struct lws_loop *loop);

/* Have who waits elsewhere come back, for what a turn did not see coming. */
static inline void
lws_loop_recall(const struct lws_loop *loop)
{
	if (lws_unlikely(loop->away) && !loop->in_turn)
		lws_plat_wake(&loop->mailbox.wake);
}

/* It belongs to that thread, as far as there are several loops. */
void lws_loop_give(struct lws_loop *loop, const void *thread);

/* Does it, where there are several? */
bool lws_loop_is_mine(const struct lws_loop *loop);

/*
 * Does it belong to another thread?  With one loop it is GET_THREAD_ID that
 * tells, if anything does.
 */
bool lws_loop_other_thread(const struct lws_loop *loop);

/* @n random bytes (at most 16) used by nobody else; 0 or LWS_ERR_IO */
int lws_loop_random(struct lws_loop *loop, uint8_t *out, size_t n);

#endif
