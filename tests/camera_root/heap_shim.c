/* Stands in for /dev/dma_heap on kernels that have none: LD_PRELOAD, tests of the camera only.
 *
 * libcamera and picamera2 take their frame buffers from a DMA heap: they open the heap's node, ask
 * it by ioctl for so many bytes, and map the descriptor they get. Nothing here needs DMA, so a
 * memfd serves as both the heap's node and each buffer, and cache synchronisation is nothing to do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_FDS = 8192 };
static unsigned char heap_fds[MOST_FDS];

static int names_a_heap(const char *path)
{
	static const char dir[] = "/dev/dma_heap/";

	return path && strncmp(path, dir, sizeof dir - 1) == 0 &&
	       (strcmp(path + sizeof dir - 1, "system") == 0 ||
		strcmp(path + sizeof dir - 1, "linux,cma") == 0);
}

static int open_heap(void)
{
	int fd = memfd_create("heap", MFD_CLOEXEC);

	if (fd >= 0 && fd < MOST_FDS)
		heap_fds[fd] = 1;
	return fd;
}

static int allocate(struct dma_heap_allocation_data *wanted)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("buffer", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)((wanted->len + page - 1) / page * page)) < 0) {
		close(fd);
		return -1;
	}
	wanted->fd = (unsigned int)fd;
	return 0;
}

/* mode is only passed on where the flags ask for it, as the C library does. */
#define MODE_OF(flags, last)                                   \
	mode_t mode = 0;                                       \
	if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
		va_list rest;                                  \
		va_start(rest, last);                          \
		mode = va_arg(rest, mode_t);                   \
		va_end(rest);                                  \
	}

/* Found once at the start: a look-up takes the loader's lock, and a thread that opens a file while
 * another loads a library would wait for it for ever. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
static __typeof__(&open) real_open;
static __typeof__(&open64) real_open64;
static __typeof__(&openat) real_openat;
static __typeof__(&openat64) real_openat64;
static __typeof__(&__open_2) real_open_2;
static __typeof__(&__open64_2) real_open64_2;
static __typeof__(&close) real_close;
static __typeof__(&ioctl) real_ioctl;

__attribute__((constructor)) static void find_real(void)
{
	if (real_ioctl)
		return;
	real_open = dlsym(RTLD_NEXT, "open");
	real_open64 = dlsym(RTLD_NEXT, "open64");
	real_openat = dlsym(RTLD_NEXT, "openat");
	real_openat64 = dlsym(RTLD_NEXT, "openat64");
	real_open_2 = dlsym(RTLD_NEXT, "__open_2");
	real_open64_2 = dlsym(RTLD_NEXT, "__open64_2");
	real_close = dlsym(RTLD_NEXT, "close");
	real_ioctl = dlsym(RTLD_NEXT, "ioctl");
}

int open(const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	find_real();
	return names_a_heap(path) ? open_heap() : real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	find_real();
	return names_a_heap(path) ? open_heap() : real_open64(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	find_real();
	return names_a_heap(path) ? open_heap() : real_openat(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	find_real();
	return names_a_heap(path) ? open_heap() : real_openat64(dir, path, flags, mode);
}

int __open_2(const char *path, int flags)
{
	find_real();
	return names_a_heap(path) ? open_heap() : real_open_2(path, flags);
}

int __open64_2(const char *path, int flags)
{
	find_real();
	return names_a_heap(path) ? open_heap() : real_open64_2(path, flags);
}

int close(int fd)
{
	find_real();
	if (fd >= 0 && fd < MOST_FDS)
		heap_fds[fd] = 0;
	return real_close(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list rest;
	void *argument;

	find_real();
	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	request &= 0xffffffffUL; /* Python passes it sign-extended */
	if (request == (DMA_HEAP_IOCTL_ALLOC & 0xffffffffUL) && fd >= 0 && fd < MOST_FDS &&
	    heap_fds[fd])
		return allocate(argument);
	if (_IOC_TYPE(request) == DMA_BUF_BASE)
		return 0; /* DMA_BUF_IOCTL_SYNC, DMA_BUF_SET_NAME */
	return real_ioctl(fd, request, argument);
}
