# SPDX-License-Identifier: GPL-2.0-or-later

# WSSTAT_CC_FLAGS(VARIABLE, FLAGS)
# Append to VARIABLE each of FLAGS that the compiler accepts without a word.
AC_DEFUN([WSSTAT_CC_FLAGS], [
	for wsstat_flag in $2; do
		AS_VAR_PUSHDEF([cache], [wsstat_cv_cc_$wsstat_flag])
		AC_CACHE_CHECK([whether $CC accepts $wsstat_flag], [cache], [
			wsstat_saved_cflags=$CFLAGS
			CFLAGS="$CFLAGS -Werror $wsstat_flag"
			AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
				[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
			CFLAGS=$wsstat_saved_cflags])
		AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $wsstat_flag"])])
		AS_VAR_POPDEF([cache])
	done
	AC_SUBST([$1])])

# WSSTAT_NEED_SYSCALLS(NAMES)
# The kernel headers must know these system calls; the C library need not.
AC_DEFUN([WSSTAT_NEED_SYSCALLS], [
	m4_foreach_w([wsstat_call], [$1], [
		AC_CHECK_DECL([SYS_]wsstat_call, [],
			[AC_MSG_ERROR([the kernel headers do not know ]wsstat_call)],
			[[#include <sys/syscall.h>]])])])
