/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/list.h - an intrusive ring.
 *
 * A head and its members are the same struct.  A member that is in no list
 * points to itself, so deleting twice does no harm and membership can be
 * asked for.  All-zero memory is not a valid head or member: init first.
 */
#ifndef LWS_BASE_LIST_H
#define LWS_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct lws_list {
	struct lws_list *next, *prev;
};

static inline void
lws_list_init(struct lws_list *l)
{
	l->next = l->prev = l;
}

/* For a head: no members?  For a member: in no list? */
static inline bool
lws_list_empty(const struct lws_list *l)
{
	return l->next == l;
}

/* Put @item, which is in no list, at the end of @head. */
static inline void
lws_list_add(struct lws_list *head, struct lws_list *item)
{
	item->prev = head->prev;
	item->next = head;
	head->prev->next = item;
	head->prev = item;
}

/* Take @item out of whatever list it is in. */
static inline void
lws_list_del(struct lws_list *item)
{
	item->next->prev = item->prev;
	item->prev->next = item->next;
	lws_list_init(item);
}

/* Take the first member off @head; NULL when there is none. */
static inline struct lws_list *
lws_list_pop(struct lws_list *head)
{
	struct lws_list *item = head->next;

	if (item == head)
		return NULL;
	lws_list_del(item);
	return item;
}

/* Move all members of @from to @to, which is initialised and empty. */
static inline void
lws_list_move(struct lws_list *from, struct lws_list *to)
{
	if (lws_list_empty(from))
		return;
	to->next = from->next;
	to->prev = from->prev;
	to->next->prev = to;
	to->prev->next = to;
	lws_list_init(from);
}

#endif
