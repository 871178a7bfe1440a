// Entry of the Monocypher figure: called with a pointer by four instructions of asm_thumb.
#include "monocypher.h"

struct exchange {
    uint8_t signature[64], public_key[32], message[64], secret_key[64], seed[32];
};

// First in the binary. With `make` a key pair and a signature, else 0 for a good one.
__attribute__((section(".entry"), used)) int run(struct exchange *x, int make) {
    if (!make)
        return crypto_eddsa_check(x->signature, x->public_key, x->message, sizeof x->message);
    crypto_eddsa_key_pair(x->secret_key, x->public_key, x->seed);
    crypto_eddsa_sign(x->signature, x->secret_key, x->message, sizeof x->message);
    return 0;
}
