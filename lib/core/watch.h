/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/watch.h - which readiness a connection waits for, and who is told.
 */
#ifndef LWS_CORE_WATCH_H
#define LWS_CORE_WATCH_H

struct libwebsocket;

/*
 * Begin to watch wsi->stream.fd and tell protocol 0; 0, LWS_ERR_USER when it
 * refuses, LWS_ERR_NOFD, LWS_ERR_NOMEM, LWS_ERR_IO.
 */
int lws_watch_open(struct libwebsocket *wsi);

/*
 * It goes on with the socket @fd, connecting to another address.  Where it has
 * had one before, the new one takes over that number.
 */
int lws_watch_reopen(struct libwebsocket *wsi, int fd);

/* The set it was watched in is no longer ours: into the one of the loop. */
int lws_watch_again(struct libwebsocket *wsi);

/* Work out anew what it waits for, after its flags or queue changed. */
void lws_watch_refresh(struct libwebsocket *wsi);

/* The application no longer polls it; the library still may. */
void lws_watch_withdraw(struct libwebsocket *wsi);

/* Nobody watches it any more. */
void lws_watch_close(struct libwebsocket *wsi);

/* Have stage->writable() called soon, by the cheapest way there is. */
void lws_watch_ask(struct libwebsocket *wsi);

/* The user asks for WRITEABLE: 1, or -1 when it cannot come any more. */
int lws_watch_request(struct libwebsocket *wsi);

/* Serve it in the next turn without waiting for readiness. */
void lws_watch_work(struct libwebsocket *wsi);

#endif
