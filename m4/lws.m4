# SPDX-License-Identifier: LGPL-2.1-only
# What configure.ac says more than once.

# LWS_TRY_CFLAGS(VARIABLE, FLAGS)
# Append FLAGS to VARIABLE when the compiler takes them without complaint.
AC_DEFUN([LWS_TRY_CFLAGS],
[lws_saved_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror $2"
AC_MSG_CHECKING([whether $CC takes $2])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
	[$1="$$1 $2"; AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])])
CFLAGS=$lws_saved_CFLAGS])

# LWS_TRY_LDFLAGS(VARIABLE, FLAGS, [SHOWN])
# The same for the linker, building a shared object as the library is one.
AC_DEFUN([LWS_TRY_LDFLAGS],
[lws_saved_LDFLAGS=$LDFLAGS
LDFLAGS="$LDFLAGS -shared -fPIC $2"
AC_MSG_CHECKING([whether the linker takes m4_default([$3], [$2])])
AC_LINK_IFELSE([AC_LANG_SOURCE([[int lws_probe(void);
int lws_probe(void) { return 0; }]])],
	[$1="$$1 $2"; AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])])
LDFLAGS=$lws_saved_LDFLAGS])

# LWS_PUBLIC(NAME)
# Define NAME in lws_config.h, which applications see, and there alone: the
# name reaches the shell in a variable, so autoheader leaves it out of config.h.
AC_DEFUN([LWS_PUBLIC],
[lws_public=$1
AC_DEFINE_UNQUOTED([$lws_public], [1])])

# LWS_TEST_PROGRAM(NAME)
# --without-test-NAME, and the automake conditional TEST_NAME.
AC_DEFUN([LWS_TEST_PROGRAM],
[AC_ARG_WITH([test-$1],
	[AS_HELP_STRING([--without-test-$1], [leave out libwebsockets-test-$1])])
AS_IF([test "x$with_testapps" = xno ||
	test "x$with_test_[]m4_translit([$1], [-], [_])" = xno],
	[lws_build_it=no],
	[lws_build_it=yes; lws_programs="$lws_programs $1"])
AM_CONDITIONAL([TEST_]m4_translit([$1], [a-z-], [A-Z_]),
	[test $lws_build_it = yes])])

# LWS_OPENSSL(SWITCH, LIBS, HEADER, BODY)
# Fail unless a program with HEADER and BODY links with LIBS of OpenSSL 3.
AC_DEFUN([LWS_OPENSSL],
[lws_saved_LIBS=$LIBS
LIBS="$2 $LIBS"
AC_MSG_CHECKING([for OpenSSL 3 or later, $2])
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <$3>
#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error too old
#endif]], [[$4]])],
	[AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])
	AC_MSG_ERROR([$1: $2 with headers of OpenSSL 3 or later are missing; Debian has them in libssl-dev])])
LIBS=$lws_saved_LIBS])

# LWS_HOST(NAME, LIBS, HEADER, BODY, PACKAGE, [CFLAGS])
# --enable-NAME adds the adapter to a loop of NAME's; configure fails unless a
# program with HEADER and BODY links, or without epoll: that has the descriptor
# which these loops watch.
AC_DEFUN([LWS_HOST],
[AC_ARG_ENABLE([$1],
	[AS_HELP_STRING([--enable-$1], [contexts that a loop of $1 serves])],
	[], [enable_$1=no])
AS_IF([test "x$enable_$1" != xno],
	[AS_IF([test "x$ac_cv_func_epoll_create1" != xyes],
		[AC_MSG_ERROR([--enable-$1: this system has no epoll])])
	lws_saved_LIBS=$LIBS
	lws_saved_CFLAGS=$CFLAGS
	LIBS="$2 $LIBS"
	CFLAGS="$CFLAGS $6"
	AC_MSG_CHECKING([for $1])
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <$3>]], [[$4]])],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-$1: $3 or its library is missing; Debian has them in $5])])
	CFLAGS=$lws_saved_CFLAGS
	LIBS=$lws_saved_LIBS
	AS_VAR_APPEND([HOST_LIBS], [" $2"])
	AS_VAR_APPEND([lws_hosts], [", $1"])
	AS_VAR_APPEND([LWS_HOSTS], ["
	&lws_host_$1,"])])
AM_CONDITIONAL(m4_toupper([$1]), [test "x$enable_$1" != xno])])

# LWS_GLIB_FLAGS
# Where GLib is: what the user says, else what pkg-config does.  Its headers are
# not ours to warn about.
AC_DEFUN([LWS_GLIB_FLAGS],
[AC_ARG_VAR([GLIB_CFLAGS], [compiler flags for GLib])
AC_ARG_VAR([GLIB_LIBS], [linker flags for GLib])
AS_IF([test "x${enable_glib-no}" != xno && test -z "$GLIB_LIBS"],
	[AC_CHECK_TOOL([PKG_CONFIG], [pkg-config], [false])
	GLIB_CFLAGS=`$PKG_CONFIG --cflags glib-2.0 2>/dev/null | sed 's/-I/-isystem /g'`
	GLIB_LIBS=`$PKG_CONFIG --libs glib-2.0 2>/dev/null`])])

# LWS_ON_WINDOWS(VARIABLE, VALUE, WHAT)
# Have VARIABLE of a switch be VALUE, as if it had been given, since there is no
# WHAT; the contrary ends configure.
AC_DEFUN([LWS_ON_WINDOWS],
[AS_CASE(["${$1-unset}"], [unset|auto|$2], [$1=$2],
	[AC_MSG_ERROR([$host: there is no $3 on Windows])])])
