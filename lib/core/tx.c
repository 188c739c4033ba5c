/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/tx.c - output of a connection: queued, corked, flushed.
 *
 * Lent chunks hold what was written since the last flush.  In front of them may
 * lie owned chunks with what the socket refused, and shared ones anywhere.  A
 * connection whose socket has refused writes into owned chunks only, so that
 * slow peers never keep the pool's.
 */
#include "core/tx.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/size.h"
#include "core/context.h"
#include "core/handle.h"
#include "core/share.h"
#include "core/watch.h"
#include "core/wsi.h"

/* not the constant itself: compilers object to comparing with one of 0 */
static const unsigned pool_size = LWS_TX_POOL;

static inline void
append(struct libwebsocket *wsi, struct lws_chunk *c)
{
	c->next = NULL;
	c->len = c->off = 0;
	if (wsi->tx.tail) {
		lws_share_close(wsi);
		wsi->tx.tail->next = c;
	} else {
		wsi->tx.head = c;
	}
	wsi->tx.tail = c;
}

void
lws_tx_link(struct libwebsocket *wsi, struct lws_chunk *c)
{
	const size_t len = c->len, off = c->off;

	append(wsi, c);
	c->len = len;
	c->off = off;
}

static struct lws_chunk *
own(size_t cap)
{
	struct lws_chunk *c;
	size_t size;

	if (!lws_add_ok(sizeof(*c), cap, &size))
		return NULL;
	c = lws_alloc(size);
	if (!c)
		return NULL;
	c->data = (uint8_t *)(c + 1);
	c->cap = cap;
	c->lent = c->shared = c->open = false;
	return c;
}

/* For places that cannot give an error up. */
static void
flush_or_fail(struct libwebsocket *wsi)
{
	if (lws_tx_flush(wsi) >= 0)
		return;
	lws_tx_free(wsi);
	lws_wsi_fail(wsi);
}

/* The pool is out: whoever has waited longest sends what it has. */
static void
make_room(struct lws_loop *loop)
{
	struct libwebsocket *wsi =
		lws_container_of(loop->flush.next, struct libwebsocket, flush);

	if (!lws_list_empty(&loop->flush))
		flush_or_fail(wsi);
}

/* No idle chunk: one more, or after others have sent theirs. */
static LWS_NOINLINE struct lws_chunk *
lend_another(struct lws_loop *loop)
{
	struct lws_chunk *c;

	if (loop->lent >= pool_size)
		make_room(loop);
	c = loop->pool;
	if (c) {
		loop->pool = c->next;
	} else {
		c = own(LWS_CHUNK_SIZE);
		if (!c)
			return NULL;
		c->lent = true;
	}
	loop->lent++;
	return c;
}

static inline struct lws_chunk *
lend(struct lws_loop *loop)
{
	struct lws_chunk *c = loop->pool;

	if (lws_unlikely(!c || loop->lent >= pool_size))
		return lend_another(loop);
	loop->pool = c->next;
	loop->lent++;
	return c;
}

static void
drop(struct lws_loop *loop, struct lws_chunk *c)
{
	if (c->shared)
		lws_share_drop(loop, c);
	else
		lws_free(c);
}

static inline void
give_back(struct lws_loop *loop, struct lws_chunk *c)
{
	if (lws_unlikely(!c->lent)) {
		drop(loop, c);
		return;
	}
	c->next = loop->pool;
	loop->pool = c;
	loop->lent--;
}

/* Owned chunks double, so that many small writes cost few allocations. */
static size_t
owned_size(const struct libwebsocket *wsi, size_t n)
{
	const struct lws_chunk *tail = wsi->tx.tail;
	size_t cap = tail && !tail->shared ? 2 * tail->cap : 256;

	if (cap > LWS_CHUNK_SIZE)
		cap = LWS_CHUNK_SIZE;
	return cap < n ? n : cap;
}

uint8_t *
lws_tx_new_tail(struct libwebsocket *wsi, size_t n)
{
	struct lws_chunk *c;

	if (lws_unlikely(wsi->flags & LWS_WSI_REFUSED)) {
		c = own(owned_size(wsi, n));
	} else {
		c = lend(wsi->loop);
		if (lws_list_empty(&wsi->flush))
			lws_list_add(&wsi->loop->flush, &wsi->flush);
	}
	if (lws_unlikely(!c))
		return NULL;
	append(wsi, c);
	return c->data;
}

int
lws_tx_add(struct libwebsocket *wsi, struct lws_span bytes)
{
	while (bytes.len) {
		struct lws_span part = lws_span_take(&bytes, LWS_CHUNK_SIZE);
		uint8_t *to = lws_tx_reserve(wsi, part.len);

		if (!to)
			return LWS_ERR_NOMEM;
		memcpy(to, part.p, part.len);
		lws_tx_commit(wsi, part.len);
	}
	return lws_tx_settle(wsi);
}

/* Drop @n sent bytes off the front of the queue. */
static void
consume(struct libwebsocket *wsi, size_t n)
{
	struct lws_tx *tx = &wsi->tx;

	tx->queued -= n;
	while (tx->head && n >= tx->head->len - tx->head->off) {
		struct lws_chunk *c = tx->head;

		n -= c->len - c->off;
		tx->head = c->next;
		give_back(wsi->loop, c);
	}
	if (!tx->head)
		tx->tail = NULL;
	else
		tx->head->off += n;
}

/*
 * The lent chunks from @c on, up to one that is not, or is shared: they go
 * back, and what they hold to a chunk that takes their place.  NULL when out
 * of memory.
 */
static struct lws_chunk *
buy_out(struct lws_loop *loop, struct lws_chunk *c)
{
	struct lws_chunk *k, *mine;
	size_t need = 0;

	for (k = c; k && k->lent; k = k->next)
		need += k->len - k->off;
	mine = own(need);
	if (!mine)
		return NULL;
	mine->len = mine->off = 0;
	while (c && c->lent) {
		struct lws_chunk *next = c->next;

		memcpy(mine->data + mine->len, c->data + c->off,
		       c->len - c->off);
		mine->len += c->len - c->off;
		give_back(loop, c);
		c = next;
	}
	mine->next = c;
	return mine;
}

/* What lent chunks still hold moves to the connection's own. */
static int
repossess(struct libwebsocket *wsi)
{
	struct lws_chunk **link = &wsi->tx.head, *c;

	while ((c = *link)) {
		if (c->lent) {
			c = buy_out(wsi->loop, c);
			if (!c)
				return LWS_ERR_NOMEM;
			*link = c;
		}
		wsi->tx.tail = c;
		link = &c->next;
	}
	return 0;
}

/* The socket takes no more now: keep the rest until it does. */
static LWS_NOINLINE int
refused(struct libwebsocket *wsi)
{
	int rc = repossess(wsi);

	lws_list_del(&wsi->flush);
	wsi->flags |= LWS_WSI_REFUSED;
	lws_watch_refresh(wsi);
	lws_handle_note(wsi);
	return rc;
}

/* Everything is sent; who has no handles need not know of each time. */
static void
drained(struct libwebsocket *wsi)
{
	lws_list_del(&wsi->flush);
	if (lws_unlikely(__atomic_load_n(&lws_context_of(wsi)->handles,
					 __ATOMIC_RELAXED) != NULL))
		lws_handle_note(wsi);
	if (lws_likely(!(wsi->flags & LWS_WSI_REFUSED)))
		return;
	wsi->flags &= ~(uint32_t)LWS_WSI_REFUSED;
	lws_watch_refresh(wsi);
}

/* Fill @v from the queue; the number of spans, *@bytes their sum. */
static size_t
gather(const struct libwebsocket *wsi, struct lws_span *v, size_t max,
       size_t *bytes)
{
	const struct lws_chunk *c;
	size_t n = 0;

	*bytes = 0;
	for (c = wsi->tx.head; c && n < max; c = c->next) {
		if (c->len == c->off)
			continue;
		v[n] = lws_span(c->data + c->off, c->len - c->off);
		*bytes += v[n].len;
		n++;
	}
	return n;
}

/* Nearly always all of it is in one lent chunk, and leaves in one call. */
static inline bool
flush_one(struct libwebsocket *wsi, ssize_t *sent)
{
	struct lws_chunk *c = wsi->tx.head;
	struct lws_span v = { c->data + c->off, wsi->tx.queued };

	*sent = wsi->stream.ops->sendv(&wsi->stream, &v, 1);
	if (lws_unlikely(*sent != (ssize_t)v.len))
		return false;
	wsi->tx.head = wsi->tx.tail = NULL;
	wsi->tx.queued = 0;
	give_back(wsi->loop, c);
	drained(wsi);
	return true;
}

static int
flush_many(struct libwebsocket *wsi)
{
	struct lws_span v[LWS_PLAT_MAX_SPANS];
	size_t bytes, n;
	ssize_t sent;

	lws_share_close(wsi);
	while (wsi->tx.queued) {
		n = gather(wsi, v, LWS_PLAT_MAX_SPANS, &bytes);
		sent = wsi->stream.ops->sendv(&wsi->stream, v, n);
		if (sent == LWS_ERR_AGAIN)
			return refused(wsi);
		if (sent < 0)
			return (int)sent;
		consume(wsi, (size_t)sent);
		if ((size_t)sent < bytes)
			return refused(wsi);
	}
	/* a chunk reserved for what did not come, nobody would flush again */
	consume(wsi, 0);
	drained(wsi);
	return 0;
}

int
lws_tx_flush(struct libwebsocket *wsi)
{
	ssize_t sent;

	if (wsi->tx.head != wsi->tx.tail || !wsi->tx.queued)
		return flush_many(wsi);
	if (lws_likely(flush_one(wsi, &sent)))
		return 0;
	if (sent < 0)
		return sent == LWS_ERR_AGAIN ? refused(wsi) : (int)sent;
	consume(wsi, (size_t)sent);
	return refused(wsi);
}

/* Copy what is left of @v, past @skip bytes, to a chunk of its own. */
static int
keep(struct libwebsocket *wsi, const struct lws_span *v, size_t n, size_t skip)
{
	struct lws_chunk *c;
	size_t need = 0, k;

	for (k = 0; k < n; k++)
		need += v[k].len;
	if (need == skip)
		return 0;
	c = own(need - skip);
	if (!c)
		return LWS_ERR_NOMEM;
	append(wsi, c);
	for (k = 0; k < n; k++) {
		struct lws_span s = v[k];
		size_t gone = lws_min(s.len, skip);

		lws_span_skip(&s, gone);
		skip -= gone;
		memcpy(c->data + c->len, s.p, s.len);
		c->len += s.len;
	}
	wsi->tx.queued += c->len;
	return 0;
}

static size_t
chunks(const struct libwebsocket *wsi)
{
	const struct lws_chunk *c;
	size_t n = 0;

	for (c = wsi->tx.head; c; c = c->next)
		n++;
	return n;
}

/* Queue and @v in one call; how much of @v is gone, or an enum lws_err. */
static ssize_t
send_behind(struct libwebsocket *wsi, const struct lws_span *v, size_t n)
{
	struct lws_span all[LWS_PLAT_MAX_SPANS];
	size_t queued, want = 0, count, k, gone;
	ssize_t sent;

	count = gather(wsi, all, LWS_PLAT_MAX_SPANS - n, &queued);
	for (k = 0; k < n; k++) {
		all[count++] = v[k];
		want += v[k].len;
	}
	sent = wsi->stream.ops->sendv(&wsi->stream, all, count);
	if (sent == LWS_ERR_AGAIN)
		sent = 0;
	if (sent < 0)
		return sent;
	gone = lws_min((size_t)sent, queued);
	consume(wsi, gone);
	if ((size_t)sent == queued + want)
		drained(wsi);
	else if (refused(wsi) < 0)
		return LWS_ERR_NOMEM;
	return sent - (ssize_t)gone;
}

int
lws_tx_send(struct libwebsocket *wsi, const struct lws_span *v, size_t n)
{
	ssize_t gone = 0;

	lws_share_close(wsi);
	if (lws_unlikely(chunks(wsi) + n > LWS_PLAT_MAX_SPANS) &&
	    !(wsi->flags & LWS_WSI_REFUSED)) {
		int rc = lws_tx_flush(wsi);

		if (rc < 0)
			return rc;
	}
	if (!(wsi->flags & LWS_WSI_REFUSED)) {
		gone = send_behind(wsi, v, n);
		if (gone < 0)
			return (int)gone;
	}
	return keep(wsi, v, n, (size_t)gone);
}

int
lws_tx_settle_now(struct libwebsocket *wsi)
{
	return wsi->flags & LWS_WSI_REFUSED ? 0 : lws_tx_flush(wsi);
}

void
lws_tx_flush_all(struct lws_loop *loop)
{
	struct lws_list *item;

	while ((item = lws_list_pop(&loop->flush))) {
		struct libwebsocket *wsi =
			lws_container_of(item, struct libwebsocket, flush);
		int rc = lws_tx_flush(wsi);

		if (lws_likely(rc >= 0))
			continue;
		lws_tx_free(wsi);
		lws_wsi_doom(wsi, rc);
	}
}

void
lws_tx_flush_list(struct lws_list *list)
{
	struct lws_list *item;

	while ((item = lws_list_pop(list)))
		flush_or_fail(lws_container_of(item, struct libwebsocket,
					       flush));
}

void
lws_tx_flush_early(struct lws_loop *loop)
{
	lws_tx_flush_list(&loop->flush);
}

void
lws_tx_free(struct libwebsocket *wsi)
{
	if (wsi->tx.head)
		consume(wsi, wsi->tx.queued);
	wsi->tx.queued = 0;
}

void
lws_tx_fini(struct lws_loop *loop)
{
	struct lws_chunk *c;

	while ((c = loop->pool)) {
		loop->pool = c->next;
		lws_free(c);
	}
}

bool
lws_tx_choked(const struct libwebsocket *wsi)
{
	/* what is shared does not wait for more than that, either */
	return wsi->flags & LWS_WSI_REFUSED || wsi->tx.queued > LWS_TX_HIGH;
}

LWS_VISIBLE int
lws_send_pipe_choked(struct libwebsocket *wsi)
{
	return lws_tx_choked(wsi);
}

LWS_VISIBLE int
lws_partial_buffered(struct libwebsocket *wsi)
{
	return !!(wsi->flags & LWS_WSI_REFUSED);
}

LWS_VISIBLE size_t
lws_get_tx_queued(struct libwebsocket *wsi)
{
	return lws_tx_waiting(wsi);
}
