/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tells an ELF file from all others: the build ID that its linker wrote. */
#ifndef WSSTAT_KERNEL_BUILD_ID_H
#define WSSTAT_KERNEL_BUILD_ID_H

#include <libelf.h>

#define BUILD_ID_MAX (2 * 64 + 1) /* of its text */

/* In lower-case hex; "" if there is none.  Any bytes may be in the file. */
void build_id_read(Elf *elf, char id[static BUILD_ID_MAX]);

#endif
