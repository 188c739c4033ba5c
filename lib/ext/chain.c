/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/chain.c - the extensions active on a connection, and how a piece is run
 * through them.
 *
 * The run is pulled at its far end: the last link is asked for output, and
 * when it has used up its input the one before it is, and so on.
 */
#include "ext/chain.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/size.h"

struct lws_ext_held {
	struct lws_ext_run run;
	uint8_t data[];
};

int
lws_chain_add(struct lws_ext_chain **chain, const struct lws_ext_ops *ops,
	      void *state)
{
	struct lws_ext_chain *c = *chain, *bigger;
	unsigned count = c ? c->count : 0;

	if (count >= LWS_MAX_EXTENSIONS_ACTIVE) {
		ops->close(state);
		return LWS_ERR_LIMIT;
	}
	bigger = lws_realloc(c, sizeof(*c) + (count + 1) * sizeof(c->links[0]));
	if (!bigger) {
		ops->close(state);
		return LWS_ERR_NOMEM;
	}
	if (!c)
		memset(bigger, 0, sizeof(*bigger));
	bigger->links[count].ops = ops;
	bigger->links[count].state = state;
	bigger->count = count + 1;
	*chain = bigger;
	return 0;
}

void
lws_chain_free(struct lws_ext_chain *chain)
{
	if (!chain)
		return;
	while (chain->count)
		lws_chain_drop_last(chain);
	lws_free(chain->rx);
	lws_free(chain->rx_bytes);
	lws_free(chain);
}

uint8_t
lws_chain_rsv(const struct lws_ext_chain *chain)
{
	uint8_t rsv = 0;
	unsigned n;

	for (n = 0; n < chain->count; n++)
		rsv |= chain->links[n].ops->rsv;
	return rsv;
}

bool
lws_chain_has(const struct lws_ext_chain *chain, const struct lws_ext_ops *ops)
{
	unsigned n;

	for (n = 0; n < chain->count; n++)
		if (chain->links[n].ops == ops)
			return true;
	return false;
}

bool
lws_chain_padded(const struct lws_ext_chain *chain)
{
	unsigned n;

	for (n = 0; n < chain->count; n++)
		if (!chain->links[n].ops->padded)
			return false;
	return true;
}

const struct lws_ext_config *
lws_chain_repeats(const struct lws_ext_chain *chain)
{
	const struct lws_ext_link *only = &chain->links[0];

	if (chain->count != 1 || !only->ops->repeats)
		return NULL;
	return only->ops->repeats(only->state);
}

void
lws_chain_drop_last(struct lws_ext_chain *chain)
{
	const struct lws_ext_link *last = &chain->links[--chain->count];

	last->ops->close(last->state);
}

static lws_ext_step *
step_of(const struct lws_ext_ops *ops, enum lws_ext_way way)
{
	switch (way) {
	case LWS_EXT_RX:
		return ops->rx;
	case LWS_EXT_TX:
		return ops->tx;
	case LWS_EXT_RX_BYTES:
		return ops->rx_bytes;
	case LWS_EXT_TX_BYTES:
		break;
	}
	return ops->tx_bytes;
}

bool
lws_chain_goes(const struct lws_ext_chain *chain, enum lws_ext_way way)
{
	unsigned n;

	for (n = 0; n < chain->count; n++)
		if (step_of(chain->links[n].ops, way))
			return true;
	return false;
}

/* The link that stands @n-th on this way. */
static const struct lws_ext_link *
link_at(const struct lws_ext_run *run, unsigned n)
{
	const struct lws_ext_chain *c = run->chain;
	bool outward = run->way == LWS_EXT_TX || run->way == LWS_EXT_TX_BYTES;

	return &c->links[outward ? n : c->count - 1 - n];
}

void
lws_run_begin(struct lws_ext_run *run, struct lws_ext_chain *chain,
	      enum lws_ext_way way, const struct lws_ext_piece *piece)
{
	run->chain = chain;
	run->way = way;
	run->out.data = lws_span(NULL, 0);
	memset(run->busy, 0, chain->count * sizeof(run->busy[0]));
	run->in[0] = *piece;
	run->busy[0] = true;
}

/* One step of the @n-th link, which is busy; its output goes to @out. */
static int
step(struct lws_ext_run *run, unsigned n, struct lws_ext_piece *out)
{
	const struct lws_ext_link *link = link_at(run, n);
	lws_ext_step *f = step_of(link->ops, run->way);
	int rc = LWS_EXT_PIECE;

	if (f)
		rc = f(link->state, &run->in[n], out);
	else
		*out = run->in[n];
	run->busy[n] = rc == LWS_EXT_MORE;
	return rc;
}

int
lws_run_next(struct lws_ext_run *run)
{
	const unsigned count = run->chain->count;
	unsigned n = count;

	/* the last link that has something in hand goes first */
	while (n-- > 0) {
		struct lws_ext_piece *out;
		int rc;

		if (!run->busy[n])
			continue;
		out = n + 1 < count ? &run->in[n + 1] : &run->out;
		rc = step(run, n, out);
		if (rc < 0)
			return rc;
		if (rc == LWS_EXT_NOTHING)
			continue;
		if (n + 1 == count)
			return LWS_EXT_PIECE;
		run->busy[n + 1] = true;
		n += 2;
	}
	return LWS_EXT_NOTHING;
}

bool
lws_run_more(const struct lws_ext_run *run)
{
	unsigned n;

	for (n = 0; n < run->chain->count; n++)
		if (run->busy[n])
			return true;
	return false;
}

/* Move what @piece shows to *@at, which moves on. */
static void
keep(struct lws_ext_piece *piece, uint8_t **at)
{
	if (piece->data.len)
		memcpy(*at, piece->data.p, piece->data.len);
	piece->data.p = *at;
	*at += piece->data.len;
}

static struct lws_ext_held **
place(struct lws_ext_chain *chain, enum lws_ext_way way)
{
	return way == LWS_EXT_RX ? &chain->rx : &chain->rx_bytes;
}

int
lws_run_hold(struct lws_ext_run *run)
{
	const unsigned count = run->chain->count;
	size_t need =
		sizeof(struct lws_ext_held) + LWS_EXT_LEAD + LWS_EXT_SLACK;
	struct lws_ext_held *held;
	uint8_t *at;
	unsigned n;

	for (n = 0; n < count; n++)
		if (run->busy[n] &&
		    !lws_add_ok(need, run->in[n].data.len, &need))
			return LWS_ERR_NOMEM;
	if (!lws_add_ok(need, run->out.data.len, &need))
		return LWS_ERR_NOMEM;
	held = lws_alloc(need);
	if (!held)
		return LWS_ERR_NOMEM;
	held->run = *run;
	at = held->data + LWS_EXT_LEAD;
	keep(&held->run.out, &at);
	at += LWS_EXT_SLACK;
	for (n = 0; n < count; n++)
		if (run->busy[n])
			keep(&held->run.in[n], &at);
	*place(run->chain, run->way) = held;
	return 0;
}

bool
lws_run_resume(struct lws_ext_run *run, struct lws_ext_chain *chain,
	       enum lws_ext_way way, void **memory)
{
	struct lws_ext_held **held = place(chain, way);

	*memory = *held;
	if (!*held)
		return false;
	*run = (*held)->run;
	*held = NULL;
	return true;
}
