/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/timeout.h - why and when a connection expires.
 *
 * Arming is public: libwebsocket_set_timeout().
 */
#ifndef LWS_CORE_TIMEOUT_H
#define LWS_CORE_TIMEOUT_H

struct lws_loop;

/* Whoever is late. */
void lws_timeout_run(struct lws_loop *loop);

/* ms that the loop may wait at most, given what the caller asks */
int lws_timeout_wait(const struct lws_loop *loop, int timeout_ms);

#endif
