/*
 * Puts /dev/i2c-N of an unmodified program on the bus of a virtual rack.
 *
 * Preloaded by `racklet i2c-run`. Opening any /dev/i2c-N connects to the socket named by
 * RACKLET_I2C_SOCKET; the ioctls of <linux/i2c-dev.h> on it become one JSON line each, in the
 * shape of I2C_RDWR. SMBus transfers are made of plain messages as the kernel's own emulation
 * does (i2c_smbus_xfer_emulated in drivers/i2c/i2c-core-smbus.c), PEC included.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_FD = 1024, MAX_MSGS = 42, MAX_BYTES = 8192, LINE = 64 * 1024, ANSWER_S = 10 };

static const unsigned long FUNCS =
    I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL | I2C_FUNC_SMBUS_READ_BLOCK_DATA |
    I2C_FUNC_SMBUS_BLOCK_PROC_CALL;

struct client {
    int open;
    int pec;
    uint16_t address;
};

static struct client clients[MAX_FD];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int fail(int number) {
    errno = number;
    return -1;
}

static struct client *client_of(int fd) {
    return fd >= 0 && fd < MAX_FD && clients[fd].open ? &clients[fd] : NULL;
}

/* --- the socket ------------------------------------------------------------------------ */

static int is_bus(const char *path) {
    static const char prefix[] = "/dev/i2c-";
    if (strncmp(path, prefix, sizeof prefix - 1) != 0) return 0;
    const char *digits = path + sizeof prefix - 1;
    return *digits && digits[strspn(digits, "0123456789")] == 0;
}

static int connect_bus(int flags) {
    const char *path = getenv("RACKLET_I2C_SOCKET");
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct timeval wait = {.tv_sec = ANSWER_S};
    if (path == NULL || strlen(path) >= sizeof name.sun_path) return fail(ENOENT);
    strcpy(name.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | (flags & O_CLOEXEC ? SOCK_CLOEXEC : 0), 0);
    if (fd < 0) return -1;
    if (fd >= MAX_FD || connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
        int reason = fd >= MAX_FD ? EMFILE : errno;
        REAL(close)(fd);
        return fail(reason);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    clients[fd] = (struct client){.open = 1};
    return fd;
}

static int send_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0) return fail(EIO);
        data += sent;
        size -= (size_t)sent;
    }
    return 0;
}

/* One line without its newline, to be freed; NULL when the rack is gone. */
static char *receive_line(int fd) {
    size_t size = 0, room = LINE;
    char *line = malloc(room);
    while (line != NULL) {
        ssize_t got = recv(fd, line + size, room - size - 1, 0);
        if (got <= 0) break;
        size += (size_t)got;
        line[size] = 0;
        if (line[size - 1] == '\n') return line;
        if (room - size < LINE / 2) {
            char *more = realloc(line, room *= 2);
            if (more == NULL) break;
            line = more;
        }
    }
    free(line);
    errno = EIO;
    return NULL;
}

/* --- requests and replies ---------------------------------------------------------------- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static int error_number(const char *line) {
    if (strstr(line, "\"nack\"")) return ENXIO;
    if (strstr(line, "\"timeout\"")) return ETIMEDOUT;
    if (strstr(line, "\"arbitration\"")) return EAGAIN;
    return EINVAL;
}

/* The hex strings of {"reads": [...]} into the read messages; how much came is set. */
static int take_reads(const char *line, struct i2c_msg *msgs, size_t count, size_t *got) {
    const char *at = strstr(line, "\"reads\"");
    if (at == NULL) return fail(strstr(line, "\"error\"") ? error_number(line) : EIO);
    at = strchr(at, '[');
    for (size_t i = 0; at != NULL && i < count; i++) {
        if (!(msgs[i].flags & I2C_M_RD)) continue;
        at = strchr(at, '"');
        if (at == NULL) break;
        got[i] = 0;
        for (at++; *at && *at != '"'; at += 2) {
            int high = hex_digit(at[0]), low = high < 0 ? -1 : hex_digit(at[1]);
            if (low < 0 || got[i] == msgs[i].len) return fail(EIO);
            msgs[i].buf[got[i]++] = (uint8_t)(high << 4 | low);
        }
        if (*at) at++;
    }
    return at == NULL ? fail(EIO) : 0;
}

/* One transaction. A read with I2C_M_RECV_LEN has in buf[0] how many bytes come besides those
   that the first one counts, and `len` bytes of room. */
static int transfer(int fd, struct i2c_msg *msgs, size_t count, size_t *got) {
    if (count < 1 || count > MAX_MSGS) return fail(EINVAL);
    size_t room = 64;
    for (size_t i = 0; i < count; i++) {
        if (msgs[i].flags & ~(I2C_M_RD | I2C_M_RECV_LEN)) return fail(EOPNOTSUPP);
        if (msgs[i].len > MAX_BYTES) return fail(EINVAL);
        room += 64 + 2 * (size_t)msgs[i].len;
    }
    char *request = malloc(room), *out = request;
    if (request == NULL) return fail(ENOMEM);
    out += sprintf(out, "{\"msgs\":[");
    for (size_t i = 0; i < count; i++) {
        struct i2c_msg *m = &msgs[i];
        out += sprintf(out, "%s{\"addr\":%u,", i ? "," : "", m->addr);
        if (!(m->flags & I2C_M_RD)) {
            out += sprintf(out, "\"write\":\"");
            for (size_t k = 0; k < m->len; k++) out += sprintf(out, "%02x", m->buf[k]);
            out += sprintf(out, "\"}");
        } else if (m->flags & I2C_M_RECV_LEN) {
            out += sprintf(out, "\"read\":%u,\"recv_len\":true}", m->buf[0]);
        } else {
            out += sprintf(out, "\"read\":%u}", m->len);
        }
    }
    out += sprintf(out, "]}\n");
    char *line = send_all(fd, request, (size_t)(out - request)) < 0 ? NULL : receive_line(fd);
    free(request);
    if (line == NULL) return -1;
    int result = take_reads(line, msgs, count, got);
    free(line);
    return result;
}

/* --- I2C_RDWR ------------------------------------------------------------------------------- */

static int rdwr(int fd, struct i2c_rdwr_ioctl_data *data) {
    size_t got[MAX_MSGS] = {0};
    if (data->nmsgs > MAX_MSGS) return fail(EINVAL);
    for (size_t i = 0; i < data->nmsgs; i++) {
        struct i2c_msg *m = &data->msgs[i];
        if (m->flags & I2C_M_RECV_LEN &&
            (!(m->flags & I2C_M_RD) || m->len < 1 || m->buf[0] < 1 ||
             m->len < m->buf[0] + I2C_SMBUS_BLOCK_MAX))
            return fail(EINVAL); /* as i2cdev_ioctl_rdwr */
    }
    return transfer(fd, data->msgs, data->nmsgs, got) < 0 ? -1 : (int)data->nmsgs;
}

/* --- I2C_SMBUS -------------------------------------------------------------------------------- */

static uint8_t pec_of(uint8_t crc, const uint8_t *data, size_t size) {
    while (size--) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++) crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1);
    }
    return crc;
}

/* Bytes after the command in the write, and in the read, of each kind of transfer. */
struct shape {
    int writes, reads, counted;
};

static int shape_of(const struct i2c_smbus_ioctl_data *call, struct shape *shape) {
    int read = call->read_write == I2C_SMBUS_READ;
    const uint8_t *block = call->data ? call->data->block : NULL;
    *shape = (struct shape){0, 0, 0};
    switch (call->size) {
    case I2C_SMBUS_BYTE_DATA: shape->reads = read, shape->writes = !read; break;
    case I2C_SMBUS_WORD_DATA: shape->reads = 2 * read, shape->writes = 2 * !read; break;
    case I2C_SMBUS_PROC_CALL: shape->reads = shape->writes = 2; break;
    case I2C_SMBUS_BLOCK_DATA:
        if (read) shape->reads = shape->counted = 1;
        else shape->writes = block[0] + 1;
        break;
    case I2C_SMBUS_BLOCK_PROC_CALL:
        shape->writes = block[0] + 1;
        shape->reads = shape->counted = 1;
        break;
    case I2C_SMBUS_I2C_BLOCK_BROKEN:
    case I2C_SMBUS_I2C_BLOCK_DATA:
        if (read) shape->reads = call->size == I2C_SMBUS_I2C_BLOCK_DATA ? block[0] : 32;
        else shape->writes = block[0];
        break;
    default: return fail(EOPNOTSUPP);
    }
    int blocks = shape->writes > I2C_SMBUS_BLOCK_MAX + 1 || shape->reads > I2C_SMBUS_BLOCK_MAX;
    return blocks ? fail(EINVAL) : 0;
}

static int quick_or_byte(int fd, const struct client *c, struct i2c_smbus_ioctl_data *call) {
    int read = call->read_write == I2C_SMBUS_READ, pec = c->pec && call->size == I2C_SMBUS_BYTE;
    uint8_t data[2] = {call->command, 0}, head = (uint8_t)(c->address << 1 | read);
    size_t got = 0;
    struct i2c_msg msg = {.addr = c->address, .flags = read ? I2C_M_RD : 0, .buf = data};
    msg.len = (uint16_t)(call->size == I2C_SMBUS_QUICK ? 0 : 1 + pec);
    if (pec && !read) data[1] = pec_of(pec_of(0, &head, 1), data, 1);
    if (transfer(fd, &msg, 1, &got) < 0) return -1;
    if (call->size == I2C_SMBUS_QUICK || !read) return 0;
    if (pec && pec_of(pec_of(0, &head, 1), data, 2) != 0) return fail(EBADMSG);
    call->data->byte = data[0];
    return 0;
}

static void give(struct i2c_smbus_ioctl_data *call, const uint8_t *in, size_t size) {
    if (call->size == I2C_SMBUS_BYTE_DATA) call->data->byte = in[0];
    else if (call->size == I2C_SMBUS_WORD_DATA || call->size == I2C_SMBUS_PROC_CALL)
        call->data->word = (uint16_t)(in[0] | in[1] << 8);
    else if (call->size == I2C_SMBUS_BLOCK_DATA || call->size == I2C_SMBUS_BLOCK_PROC_CALL)
        memcpy(call->data->block, in, size);
    else {
        call->data->block[0] = (uint8_t)size;
        memcpy(call->data->block + 1, in, size);
    }
}

static int smbus(int fd, const struct client *c, struct i2c_smbus_ioctl_data *call) {
    if (call->size == I2C_SMBUS_QUICK || call->size == I2C_SMBUS_BYTE)
        return quick_or_byte(fd, c, call);
    struct shape shape;
    if (call->data == NULL) return fail(EINVAL);
    if (shape_of(call, &shape) < 0) return -1;
    int is_i2c = call->size == I2C_SMBUS_I2C_BLOCK_DATA || call->size == I2C_SMBUS_I2C_BLOCK_BROKEN;
    int pec = c->pec && !is_i2c;
    uint8_t out[I2C_SMBUS_BLOCK_MAX + 4], in[I2C_SMBUS_BLOCK_MAX + 4];
    uint8_t heads[2] = {(uint8_t)(c->address << 1), (uint8_t)(c->address << 1 | 1)};
    size_t got[2] = {0, 0};
    out[0] = call->command;
    if (call->size == I2C_SMBUS_WORD_DATA || call->size == I2C_SMBUS_PROC_CALL)
        out[1] = (uint8_t)call->data->word, out[2] = (uint8_t)(call->data->word >> 8);
    else if (call->size == I2C_SMBUS_BYTE_DATA) out[1] = call->data->byte;
    else memcpy(out + 1, call->data->block + is_i2c, (size_t)shape.writes);
    uint8_t crc = pec_of(pec_of(0, heads, 1), out, (size_t)shape.writes + 1);
    if (pec && !shape.reads) out[shape.writes + 1] = crc;
    struct i2c_msg msgs[2] = {
        {.addr = c->address, .buf = out, .len = (uint16_t)(shape.writes + 1 + (pec && !shape.reads))},
        {.addr = c->address, .flags = I2C_M_RD, .buf = in, .len = (uint16_t)(shape.reads + pec)},
    };
    if (shape.counted) {
        in[0] = (uint8_t)(1 + pec);
        msgs[1].flags |= I2C_M_RECV_LEN;
        msgs[1].len = sizeof in;
    }
    if (transfer(fd, msgs, shape.reads ? 2 : 1, got) < 0) return -1;
    if (!shape.reads) return 0;
    size_t size = got[1];
    if (shape.counted && (size < 1 || in[0] < 1 || in[0] > I2C_SMBUS_BLOCK_MAX)) return fail(EPROTO);
    if (pec && (size < 1 || pec_of(pec_of(crc, heads + 1, 1), in, size) != 0)) return fail(EBADMSG);
    give(call, in, size - (size_t)pec);
    return 0;
}

/* --- what the program calls ------------------------------------------------------------------- */

static int control(int fd, struct client *c, unsigned long request, void *argument) {
    unsigned long value = (unsigned long)(uintptr_t)argument;
    switch (request) {
    case I2C_SLAVE:
    case I2C_SLAVE_FORCE:
        if (value > 0x7F) return fail(EINVAL);
        c->address = (uint16_t)value;
        return 0;
    case I2C_TENBIT: return value ? fail(EINVAL) : 0;
    case I2C_PEC: c->pec = value != 0; return 0;
    case I2C_FUNCS: *(unsigned long *)argument = FUNCS; return 0;
    case I2C_RETRIES:
    case I2C_TIMEOUT: return 0;
    case I2C_RDWR: return rdwr(fd, argument);
    case I2C_SMBUS: return smbus(fd, c, argument);
    default: return fail(ENOTTY);
    }
}

int ioctl(int fd, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    struct client *c = client_of(fd);
    if (c == NULL) return REAL(ioctl)(fd, request, argument);
    pthread_mutex_lock(&lock);
    int result = control(fd, c, request, argument);
    pthread_mutex_unlock(&lock);
    return result;
}

/* read(2) and write(2) on the device are single messages to the address that was set. */
static ssize_t message(int fd, struct client *c, int flags, void *data, size_t size) {
    size_t got = 0;
    struct i2c_msg msg = {.addr = c->address, .flags = (uint16_t)flags, .buf = data};
    msg.len = (uint16_t)(size > MAX_BYTES ? MAX_BYTES : size);
    pthread_mutex_lock(&lock);
    int result = transfer(fd, &msg, 1, &got);
    pthread_mutex_unlock(&lock);
    return result < 0 ? -1 : msg.len;
}

ssize_t read(int fd, void *data, size_t size) {
    struct client *c = client_of(fd);
    return c ? message(fd, c, I2C_M_RD, data, size) : REAL(read)(fd, data, size);
}

ssize_t write(int fd, const void *data, size_t size) {
    struct client *c = client_of(fd);
    return c ? message(fd, c, 0, (void *)data, size) : REAL(write)(fd, data, size);
}

int close(int fd) {
    struct client *c = client_of(fd);
    if (c != NULL) c->open = 0;
    return REAL(close)(fd);
}

/* The mode is there only when a file may be made. */
#define OPEN(name, before, call)                                        \
    int name(before const char *path, int flags, ...) {                 \
        mode_t mode = 0;                                                \
        if (flags & (O_CREAT | __O_TMPFILE)) {                          \
            va_list list;                                               \
            va_start(list, flags);                                      \
            mode = va_arg(list, mode_t);                                \
            va_end(list);                                               \
        }                                                               \
        return is_bus(path) ? connect_bus(flags) : REAL(name) call;     \
    }

#define DIRECTORY int directory,
OPEN(open, , (path, flags, mode))
OPEN(open64, , (path, flags, mode))
OPEN(openat, DIRECTORY, (directory, path, flags, mode))
OPEN(openat64, DIRECTORY, (directory, path, flags, mode))

/* What programs built with _FORTIFY_SOURCE call. */
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open64(path, flags); }
int __openat_2(int directory, const char *path, int flags) { return openat(directory, path, flags); }
int __openat64_2(int directory, const char *path, int flags) { return openat64(directory, path, flags); }
