/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/facts.h - what fields say about body and connection.  Private to http/.
 */
#ifndef LWS_HTTP_FACTS_H
#define LWS_HTTP_FACTS_H

#include "http/http.h"

/*
 * Fill @head, of which method, status and minor are there, from the indexed
 * fields of @b.  0, or the HTTP status that refuses a request saying so.
 */
int lws_facts_read(const struct lws_block *b, struct lws_http_head *head);

#endif
