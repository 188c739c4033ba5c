/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client.h - what a client asked for, until it is established.
 */
#ifndef LWS_STAGE_CLIENT_H
#define LWS_STAGE_CLIENT_H

#include "core/alarm.h"
#include "net/net.h"
#include "net/proxy.h"
#include "stage/stages.h"

/* one allocation, the strings behind the struct */
struct lws_client_request {
	char *address, *path, *host;
	char *origin, *protocols;	/* may be NULL */
	char *headers;			/* lines to add, or NULL */
	char *proxy_host;		/* NULL: straight to the address */
	char *proxy_auth;		/* user:password, or NULL */
	const struct lws_wire *wire;
	int port, proxy_port;
	int ssl;			/* as the application gave it */
	int failed;			/* before the call returned; or 0 */
	struct lws_ping_times pings;
	uint64_t offered;		/* extensions, as bits of the array */
	bool head_done;			/* the answer's body is collected */
	bool told;			/* the log has @why already */
	bool taken;			/* an extension connects it */
	uint8_t key_len, body_len;	/* bytes there */
	char key[LWS_HANDSHAKE_KEY];	/* what the answer has to fit */
	uint8_t body[LWS_HANDSHAKE_BODY];	/* behind the answer's head */
	char why[LWS_WHY_LEN];		/* of the failure, for the user */
};

/* what the caller gave, before it is copied */
struct lws_client_wish {
	const char *address, *path, *host, *origin, *protocols, *headers;
	int port, ssl, version;
	void *userdata;
	struct lws_ping_times pings;
};

/* ---- client.c ---- */

/* What libwebsocket_client_connect() promises. */
struct libwebsocket *lws_client_connect(struct libwebsocket_context *context,
					const struct lws_client_wish *w);

/* ---- client-stay.c ---- */

/*
 * Make the first attempt at what @w says, and others as @policy has it.  As
 * lws_client_connect().
 */
struct libwebsocket *lws_stay_begin(struct libwebsocket_context *context,
				    const struct lws_client_wish *w,
				    const struct lws_client_reconnect *policy);

/* Note why it failed; the result is @rc, to be given up. */
int lws_client_failed(struct libwebsocket *wsi, int rc, const char *format,
		      ...) __attribute__((format(printf, 3, 4)));

/* ms after which an attempt to connect gets company, RFC 8305 section 5 */
#define LWS_RACE_DELAY 250

/* from a name to a TCP connection */
struct lws_dial {
	struct lws_alarm alarm;		/* there is a winner, or time for
					 * one more attempt */
	struct libwebsocket *wsi;
	struct lws_lookup *lookup;	/* of the name, while it goes on */
	struct lws_addrs *addrs;	/* once it is known */
	struct lws_list attempts;	/* beside the connection's own socket */
	struct libwebsocket *winner;	/* the one of them that connected */
	size_t which;			/* where its own socket goes */
	bool trying;			/* and that is under way */
};

/* ---- client-connecting.c ---- */

/* Begin; 0, or an enum lws_err with request->why filled. */
int lws_connecting_begin(struct libwebsocket *wsi);

/*
 * An attempt failed with @rc: try the next address at once.  0 while any is on
 * its way.
 */
int lws_dial_go_on(struct lws_dial *d, int rc);

/* Drop all that connecting needs, if it is there. */
void lws_dial_end(struct libwebsocket *wsi);

/* ---- client-race.c ---- */

/* One more attempt on @fd, which is taken; 0 or an enum lws_err. */
int lws_race_enter(struct lws_dial *d, int fd, size_t which);
void lws_race_end(struct lws_dial *d);

/* ---- client-proxy.c ---- */

/* What the creation info and the environment say of proxies. */
void lws_proxy_settings(struct libwebsocket_context *context,
			const struct lws_context_creation_info *info);
void lws_proxy_settings_free(struct libwebsocket_context *context);

/* the proxy on the way to @host, or NULL */
const struct lws_proxy *
lws_proxy_for(const struct libwebsocket_context *context, const char *host,
	      int port);

/* TCP is connected, through a proxy where one is to be used: go on. */
int lws_client_through(struct libwebsocket *wsi);

/* ---- client-tls.c ---- */

/*
 * TCP, and the proxy where there is one, are through: TLS with
 * request->address as request->ssl says, then lws_handshake_begin().
 */
int lws_client_tls_begin(struct libwebsocket *wsi);

/* TLS failed just now: note why; the result is @rc. */
int lws_client_tls_failed(struct libwebsocket *wsi, int rc);

/* ---- client-handshake.c ---- */

/* Connected: send the request. */
int lws_handshake_begin(struct libwebsocket *wsi);

/* CLIENT_CONNECTION_ERROR, with the reason in words */
void lws_client_over(struct libwebsocket *wsi, int rc);
void lws_client_leave(struct libwebsocket *wsi);

#endif
