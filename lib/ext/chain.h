/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/chain.h - the extensions active on a connection, in the order agreed on,
 * and how a piece is run through them: forward on its way out, backward on its
 * way in.
 */
#ifndef LWS_EXT_CHAIN_H
#define LWS_EXT_CHAIN_H

#include "ext/ext.h"

/* which way a run goes, and at which level */
enum lws_ext_way {
	LWS_EXT_RX,		/* payload, frame to message */
	LWS_EXT_TX,		/* payload, message to frame */
	LWS_EXT_RX_BYTES,	/* socket to frames */
	LWS_EXT_TX_BYTES	/* frames to socket */
};

struct lws_ext_link {
	const struct lws_ext_ops *ops;
	void *state;
};

/* what a run leaves when it has to wait beyond the turn */
struct lws_ext_held;

struct lws_ext_chain {
	struct lws_ext_held *rx, *rx_bytes;	/* runs that wait */
	unsigned count;
	struct lws_ext_link links[];
};

/*
 * A piece on its way.  Each link keeps what it has not used of its input, and
 * is asked before more is fetched from the one before it; so at any time there
 * is one step's output under way, however much is to come.
 */
struct lws_ext_run {
	struct lws_ext_chain *chain;
	enum lws_ext_way way;
	struct lws_ext_piece out;	/* the latest, less what was taken */
	bool busy[LWS_MAX_EXTENSIONS_ACTIVE];
	struct lws_ext_piece in[LWS_MAX_EXTENSIONS_ACTIVE];
};

/*
 * Add one: *@chain is NULL at first, and may move.  The chain takes @state.
 * 0, LWS_ERR_LIMIT at LWS_MAX_EXTENSIONS_ACTIVE, or LWS_ERR_NOMEM; then @state
 * is closed.
 */
int lws_chain_add(struct lws_ext_chain **chain, const struct lws_ext_ops *ops,
		  void *state);

/* Close every state, the last one first; NULL does nothing. */
void lws_chain_free(struct lws_ext_chain *chain);

/* RSV bits claimed by any link */
uint8_t lws_chain_rsv(const struct lws_ext_chain *chain);

/* is @ops among them? */
bool lws_chain_has(const struct lws_ext_chain *chain,
		   const struct lws_ext_ops *ops);

/* has all that comes out on the way in room around? */
bool lws_chain_padded(const struct lws_ext_chain *chain);

/* lws_ext_ops.repeats() of all of it */
const struct lws_ext_config *
lws_chain_repeats(const struct lws_ext_chain *chain);

/* Close and forget the one added last. */
void lws_chain_drop_last(struct lws_ext_chain *chain);

/* has any link work to do that way? */
bool lws_chain_goes(const struct lws_ext_chain *chain, enum lws_ext_way way);

/*
 * Put @piece in front of the first link of that way.  lws_run_next() then
 * gives LWS_EXT_PIECE with run->out filled as often as there is output, then
 * LWS_EXT_NOTHING, or an enum lws_err.  With no link for that way the piece
 * comes out as it went in.
 */
void lws_run_begin(struct lws_ext_run *run, struct lws_ext_chain *chain,
		   enum lws_ext_way way, const struct lws_ext_piece *piece);
int lws_run_next(struct lws_ext_run *run);

/* is there, or may there be, more behind run->out? */
bool lws_run_more(const struct lws_ext_run *run);

/*
 * Lay a run on the way in aside with copies of all that it has in hand, what
 * is left of run->out included, and take it up again: bytes wait in memory
 * that all connections share.  0 or LWS_ERR_NOMEM.
 */
int lws_run_hold(struct lws_ext_run *run);

/*
 * False when no run of that way waits.  The copies live in *@memory, which the
 * caller frees with lws_free() when the run is over.
 */
bool lws_run_resume(struct lws_ext_run *run, struct lws_ext_chain *chain,
		    enum lws_ext_way way, void **memory);

#endif
