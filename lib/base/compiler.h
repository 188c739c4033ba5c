/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/compiler.h - what C99 lacks, spelled once.
 */
#ifndef LWS_BASE_COMPILER_H
#define LWS_BASE_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#define lws_likely(x)   __builtin_expect(!!(x), 1)
#define lws_unlikely(x) __builtin_expect(!!(x), 0)

#define LWS_NOINLINE __attribute__((noinline))
#define LWS_UNUSED   __attribute__((unused))
#define LWS_AT_LOAD  __attribute__((constructor))
#define LWS_AT_EXIT  __attribute__((destructor))

/* inline whatever it costs; but not where size is what counts */
#ifdef __OPTIMIZE_SIZE__
#define LWS_INLINE static inline
#else
#define LWS_INLINE static inline __attribute__((always_inline))
#endif

/* for tables: the function of a client, or NULL where none is built */
#define LWS_OF_CLIENT(function) (LWS_BUILT_CLIENT ? (function) : NULL)

/* the lowest bit set of a word that has one */
#define lws_lowest_bit(x) ((unsigned)__builtin_ctzll(x))

/* the struct of type @type whose member @member lies at @ptr */
#define lws_container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#define LWS_JOIN2(a, b)       a##b
#define LWS_JOIN(a, b)        LWS_JOIN2(a, b)
#define LWS_STATIC_ASSERT(cond) \
	typedef char LWS_JOIN(lws_static_assert_, __LINE__)[(cond) ? 1 : -1] \
		LWS_UNUSED

/* big-endian loads and stores at any address */
static inline uint16_t
lws_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
lws_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
lws_be64(const uint8_t *p)
{
	return (uint64_t)lws_be32(p) << 32 | lws_be32(p + 4);
}

static inline void
lws_put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
lws_put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void
lws_put_be64(uint8_t *p, uint64_t v)
{
	int n;

	for (n = 7; n >= 0; n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

#endif
