/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs: ELF files, scripts and neither. */
#include "config.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "kernel/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fuzz_check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	fuzz_check(*elf_verdict_text(elf_judge(path)));
	close(fd);
	return 0;
}
