/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/service.h - a descriptor became ready.
 */
#ifndef LWS_CORE_SERVICE_H
#define LWS_CORE_SERVICE_H

struct libwebsocket;
struct lws_loop;

/* Serve @wsi; whatever goes wrong ends it, and only it. */
void lws_service_ready(struct libwebsocket *wsi, short revents);

/* Serve whom no readiness has to be waited for. */
void lws_service_work(struct lws_loop *loop);

#endif
