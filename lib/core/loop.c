/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/loop.c - one thread's loop: the turn.
 */
#include "core/loop.h"

#include <poll.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "core/alarm.h"
#include "core/context.h"
#include "core/host.h"
#include "core/service.h"
#include "core/share.h"
#include "core/timeout.h"
#include "core/wsi.h"
#include "net/net.h"

static int
open_wake(struct lws_loop *loop)
{
	int rc = lws_mailbox_init(&loop->mailbox);

	if (rc < 0)
		return rc;
	rc = loop->events.ops->set(&loop->events, loop->mailbox.wake.read_fd,
				   &loop->wake_slot, LWS_EV_ABSENT, POLLIN);
	if (rc < 0)
		lws_mailbox_fini(&loop->mailbox);
	return rc;
}

static void
init_lists(struct lws_loop *loop)
{
	static const uint16_t places[] = {
		offsetof(struct lws_loop, work),
		offsetof(struct lws_loop, flush),
		offsetof(struct lws_loop, doomed),
		offsetof(struct lws_loop, listeners),
		offsetof(struct lws_loop, lingering),
		offsetof(struct lws_loop, seconds),
		offsetof(struct lws_loop, due),
		offsetof(struct lws_loop, stays),
	};
	size_t n;

	for (n = 0; n < sizeof(places) / sizeof(places[0]); n++)
		lws_list_init((void *)((char *)loop + places[n]));
}

int
lws_loop_init(struct lws_loop *loop, struct libwebsocket_context *context,
	      const struct lws_event_ops *backend, unsigned max_fds)
{
	unsigned n;
	int rc;

	loop->context = context;
	loop->now_ms = lws_plat_now_ms();
	init_lists(loop);
	lws_wheel_init(&loop->wheel, 1000, loop->now_ms);
	lws_wheel_init(&loop->fine, LWS_ALARM_GRAIN, loop->now_ms);
	loop->members =
		lws_alloc(context->count_protocols * sizeof(*loop->members));
	loop->rx = lws_alloc(LWS_RX_LEAD + LWS_RX_BUFFER + LWS_RX_SLACK);
	if (!loop->members || !loop->rx) {
		rc = LWS_ERR_NOMEM;
		goto fail;
	}
	for (n = 0; n < context->count_protocols; n++)
		lws_list_init(&loop->members[n]);
	loop->events.ops = backend;
	loop->foreign = loop->away = backend == &lws_event_external;
	rc = backend->init(&loop->events, max_fds);
	if (rc < 0)
		goto fail;
	rc = open_wake(loop);
	if (rc >= 0)
		return 0;
	backend->fini(&loop->events);
fail:
	lws_free(loop->members);
	lws_free(loop->rx);
	return rc;
}

void
lws_loop_fini(struct lws_loop *loop)
{
	lws_host_close(loop);
	lws_wsi_bury_all(loop);
	lws_lookups_free(loop->lookups);
	lws_shares_fini(loop);
	lws_tx_fini(loop);
	loop->events.ops->set(&loop->events, loop->mailbox.wake.read_fd,
			      &loop->wake_slot, POLLIN, LWS_EV_ABSENT);
	lws_mailbox_fini(&loop->mailbox);
	loop->events.ops->fini(&loop->events);
	lws_free(loop->pinged);
	lws_free(loop->members);
	lws_free(loop->spare);
	lws_free(loop->rx);
}

static int
ask_thread_id(const struct lws_loop *loop)
{
	struct libwebsocket_context *context = loop->context;

	return context->protocols[0].callback(
		context, NULL, LWS_CALLBACK_GET_THREAD_ID, NULL, NULL, 0);
}

void
lws_loop_give(struct lws_loop *loop, const void *thread)
{
	if (loop->context->count_loops == 1)
		return;
	loop->thread_id = 1;
	__atomic_store_n(&loop->thread, thread, __ATOMIC_RELAXED);
}

bool
lws_loop_is_mine(const struct lws_loop *loop)
{
	return __atomic_load_n(&loop->thread, __ATOMIC_RELAXED) ==
	       lws_plat_me();
}

static LWS_NOINLINE bool
is_another(const struct lws_loop *loop, int mine)
{
	if (loop->context->count_loops > 1)
		return !lws_loop_is_mine(loop);
	return ask_thread_id(loop) != mine;
}

bool
lws_loop_other_thread(const struct lws_loop *loop)
{
	int mine = __atomic_load_n(&loop->thread_id, __ATOMIC_RELAXED);

	return lws_unlikely(mine) && is_another(loop, mine);
}

static void
dispatch(struct lws_loop *loop, const struct lws_ready *ready, int n)
{
	const struct lws_fds *fds = &loop->context->fds;
	int k;

	for (k = 0; k < n; k++) {
		const uint64_t began = lws_latency_begin();
		struct libwebsocket *wsi = lws_fds_get(fds, ready[k].fd);

		if (lws_likely(wsi != NULL))
			lws_service_ready(wsi, ready[k].revents);
		else if (ready[k].fd == loop->mailbox.wake.read_fd)
			lws_plat_wake_drain(&loop->mailbox.wake);
		lws_latency_end(loop, began, LWS_LATENCY_READY, ready[k].fd);
	}
}

static void
begin(struct lws_loop *loop)
{
	loop->in_turn = true;
	loop->handshakes = 0;
	loop->tx_high = LWS_TX_HIGH;
	if (lws_unlikely(loop->context->count_loops > 1))
		__atomic_store_n(&loop->thread, lws_plat_me(),
				 __ATOMIC_RELAXED);
	else
		__atomic_store_n(&loop->thread_id, ask_thread_id(loop),
				 __ATOMIC_RELAXED);
}

static void
end(struct lws_loop *loop)
{
	lws_timeout_run(loop);
	lws_tx_flush_all(loop);
	lws_wsi_bury_all(loop);
	loop->in_turn = false;
	loop->tx_high = 0;
	if (loop->away)
		lws_host_leave(loop);
}

int
lws_loop_turn(struct lws_loop *loop, int timeout_ms)
{
	struct lws_ready ready[LWS_READY_MAX];
	uint64_t began;
	int n;

	begin(loop);
	if (lws_mailbox_read(loop))
		timeout_ms = 0;
	lws_service_work(loop);
	lws_tx_flush_all(loop);
	lws_wsi_bury_all(loop);
	n = loop->events.ops->wait(&loop->events,
				   lws_timeout_wait(loop, timeout_ms), ready,
				   LWS_READY_MAX);
	began = lws_latency_begin();
	loop->now_ms = lws_plat_now_ms();
	dispatch(loop, ready, n);
	lws_mailbox_read(loop);
	end(loop);
	lws_latency_end(loop, began, LWS_LATENCY_TURN, 0);
	return n < 0 ? n : 0;
}

int
lws_loop_turn_fd(struct lws_loop *loop, int fd, short revents)
{
	const struct lws_ready ready = { .fd = fd, .revents = revents };
	bool ours = fd >= 0 && lws_fds_get(&loop->context->fds, fd);
	const uint64_t began = lws_latency_begin();

	loop->foreign = loop->away = true;
	loop->now_ms = lws_plat_now_ms();
	begin(loop);
	if (fd >= 0)
		dispatch(loop, &ready, 1);
	/* after the descriptor that says so was emptied, else it might wait */
	lws_mailbox_read(loop);
	lws_service_work(loop);
	end(loop);
	lws_latency_end(loop, began, LWS_LATENCY_TURN, 0);
	return ours && !lws_fds_get(&loop->context->fds, fd);
}

void
lws_loop_settle(struct lws_loop *loop)
{
	if (loop->in_turn)
		return;
	lws_tx_flush_all(loop);
	lws_wsi_bury_all(loop);
}

int
lws_loop_random(struct lws_loop *loop, uint8_t *out, size_t n)
{
	if (loop->random_left < n) {
		int rc = lws_plat_random(loop->context->random_fd, loop->random,
					 sizeof(loop->random));

		if (rc < 0)
			return rc;
		loop->random_left = sizeof(loop->random);
	}
	loop->random_left -= (unsigned)n;
	memcpy(out, loop->random + loop->random_left, n);
	return 0;
}
