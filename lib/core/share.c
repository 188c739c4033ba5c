/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/share.c - output that many connections send: the bytes are there once.
 *
 * In a shared chunk len and off are places among the shared bytes, and cap is
 * always len: nothing of one connection's own finds room there.  While a chunk
 * is open all three are where it begins.
 */
#include "core/share.h"

#include "base/alloc.h"
#include "base/size.h"

/* Send to those who wait, and see how long that takes. */
static void
release(struct lws_alarm *alarm)
{
	struct lws_shares *shares =
		lws_container_of(alarm, struct lws_shares, alarm);
	const uint64_t begin = lws_plat_now_ms();
	uint64_t end, rest;

	lws_tx_flush_list(&shares->waiting);
	end = lws_plat_now_ms();
	rest = LWS_SHARE_REST * (end - begin);
	if (rest > LWS_SHARE_REST_MAX)
		rest = LWS_SHARE_REST_MAX;
	shares->rest_ms = end + rest;
}

struct lws_shares *
lws_shares_need(struct lws_loop *loop)
{
	struct lws_shares *shares = loop->shares;

	if (shares)
		return shares;
	shares = lws_zalloc(sizeof(*shares));
	if (!shares)
		return NULL;
	shares->loop = loop;
	lws_list_init(&shares->waiting);
	lws_alarm_init(&shares->alarm, release);
	loop->shares = shares;
	return shares;
}

/* Whoever polls for us may come back late: then nothing waits. */
void
lws_shares_wait(struct lws_shares *shares)
{
	const uint64_t now = lws_plat_now_ms();
	uint32_t ms = 0;

	if (!lws_list_empty(&shares->waiting))
		return;
	if (now < shares->rest_ms && !shares->loop->foreign)
		ms = (uint32_t)(shares->rest_ms - now);
	lws_alarm_set(shares->loop, &shares->alarm, ms);
}

void
lws_shares_hurry(struct lws_shares *shares)
{
	struct lws_list *item;

	while ((item = lws_list_pop(&shares->waiting)))
		lws_list_add(&shares->loop->flush, item);
}

static void
free_cast(struct lws_cast *cast)
{
	struct lws_form *form;

	while ((form = cast->forms)) {
		cast->forms = form->next;
		lws_share_unref(form->share);
		lws_free(form);
	}
	lws_free(cast);
}

void
lws_shares_fini(struct lws_loop *loop)
{
	struct lws_cast *cast;
	struct lws_chunk *c;

	if (!loop->shares)
		return;
	while ((cast = loop->shares->casts)) {
		loop->shares->casts = cast->next;
		free_cast(cast);
	}
	while ((c = loop->shares->idle)) {
		loop->shares->idle = c->next;
		lws_free(c);
	}
	lws_alarm_stop(loop, &loop->shares->alarm);
	lws_free(loop->shares);
	loop->shares = NULL;
}

struct lws_share *
lws_share_new(size_t cap)
{
	struct lws_share *share;
	size_t size;

	if (!lws_add_ok(sizeof(*share), cap, &size))
		return NULL;
	share = lws_alloc(size);
	if (!share)
		return NULL;
	share->refs = 1;
	share->cap = cap;
	share->len = 0;
	return share;
}

void
lws_share_unref(struct lws_share *share)
{
	if (share && !--share->refs)
		lws_free(share);
}

/* Queue a chunk that begins at @at, where it also ends until now. */
static struct lws_chunk *
add(struct libwebsocket *wsi, struct lws_share *share, size_t at)
{
	struct lws_shares *shares = wsi->loop->shares;
	struct lws_chunk *c = shares->idle;

	if (c) {
		shares->idle = c->next;
		shares->count_idle--;
	} else {
		c = lws_alloc(sizeof(*c));
		if (!c)
			return NULL;
	}
	c->data = share->data;
	c->cap = c->len = c->off = at;
	c->lent = c->open = false;
	c->shared = true;
	share->refs++;
	lws_tx_link(wsi, c);
	return c;
}

/* The last chunk if it is of @share and closed, else NULL. */
static struct lws_chunk *
last_of(const struct libwebsocket *wsi, const struct lws_share *share)
{
	struct lws_chunk *tail = wsi->tx.tail;

	return tail && tail->shared && tail->data == share->data ? tail : NULL;
}

int
lws_share_join(struct libwebsocket *wsi, struct lws_share *share, size_t at,
	       bool waits)
{
	struct lws_chunk *c = last_of(wsi, share);
	struct lws_loop *loop = wsi->loop;

	if (c && c->open)
		return 0;
	lws_share_close(wsi);
	if (c && c->len == c->off)
		c->cap = c->len = c->off = at;
	else
		c = add(wsi, share, at);
	if (!c)
		return LWS_ERR_NOMEM;
	c->open = true;
	if (lws_list_empty(&wsi->flush))
		lws_list_add(waits ? &loop->shares->waiting : &loop->flush,
			     &wsi->flush);
	return 0;
}

int
lws_share_queue(struct libwebsocket *wsi, struct lws_share *share, size_t at)
{
	struct lws_chunk *c = last_of(wsi, share);

	if (!c || c->len != at)
		c = add(wsi, share, at);
	if (!c)
		return LWS_ERR_NOMEM;
	wsi->tx.queued += share->len - at;
	c->cap = c->len = share->len;
	return 0;
}

void
lws_share_end(struct libwebsocket *wsi)
{
	struct lws_chunk *c = wsi->tx.tail;

	c->cap = c->len = lws_share_of(c)->len;
	c->open = false;
	wsi->tx.queued += c->len - c->off;
	lws_share_changes(wsi->loop);
	/* what follows does not wait, and this goes before it */
	if (!lws_list_empty(&wsi->loop->shares->waiting)) {
		lws_list_del(&wsi->flush);
		lws_list_add(&wsi->loop->flush, &wsi->flush);
	}
}

void
lws_share_drop(struct lws_loop *loop, struct lws_chunk *c)
{
	struct lws_shares *shares = loop->shares;

	if (c->open)
		lws_share_changes(loop);
	lws_share_unref(lws_share_of(c));
	if (shares->count_idle >= LWS_SHARE_IDLE) {
		lws_free(c);
		return;
	}
	c->next = shares->idle;
	shares->idle = c;
	shares->count_idle++;
}
