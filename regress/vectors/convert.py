#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Make the vector files of this folder from their published sources.

usage: convert.py SOURCE-DIR

SOURCE-DIR holds rfc/, nist-cavp-ike/ and wycheproof/ (README names where
each comes from).  Output: one file a table; records of "name = hex" lines,
an empty line ends a record.  `result' is 1 (must be computed so) or 0 (must
be refused); `kind' and sizes are hex too.
"""

import hmac
import json
import os
import re
import sys

src = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))


def load(name):
    with open(os.path.join(src, name)) as f:
        return json.load(f)


def num(n):
    return '%04x' % n


def write(name, head, records):
    with open(os.path.join(here, name), 'w') as f:
        f.write('# %s\n# Made by convert.py; do not edit.\n\n' % head)
        for r in records:
            for key, value in r:
                f.write('%s = %s\n' % (key, value))
            f.write('\n')
    print('%s: %d records' % (name, len(records)))


def aes_cbc():
    d = load('rfc/aes-cbc.json')
    write('aes_cbc.txt', 'RFC 3602 section 4, NIST SP 800-38A section F.2',
          [[(k, c[k]) for k in ('key', 'iv', 'plain', 'cipher')]
           for c in d['cases']])


def gcm_esp():
    d = load('rfc/aes-gcm-esp-rfc4106.json')
    write('aes_gcm_esp.txt', 'draft-mcgrew-gcm-test-01 section 4',
          [[('key', c['key']), ('salt', c['salt']), ('iv', c['iv']),
            ('aad', c['aad']), ('plain', c['plaintext']),
            ('cipher', c['ciphertext']), ('icv', c['icv'])]
           for c in d['cases']])


def chacha_esp():
    d = load('rfc/chacha20poly1305-rfc7634.json')
    write('chacha_rfc7634.txt', 'RFC 7634 appendix A (ESP), B (IKEv2)',
          [[(k, c[k]) for k in ('key', 'salt', 'iv', 'aad')] +
           [('plain', c['plaintext']),
            ('cipher', c['ciphertext_and_icv'][:-32]),
            ('icv', c['ciphertext_and_icv'][-32:])]
           for c in (d['esp'], d['ikev2'])])


# NIST SP 800-67 rev. 1, appendix B.1: the three blocks of an ECB, which are
# CBC from an IV of zero; then a message of four blocks, made with libgcrypt
TDES_KEY = '0123456789abcdef23456789abcdef01456789abcdef0123'
TDES = [
    (TDES_KEY, '00' * 8, '5468652071756663', 'a826fd8ce53b855f'),
    (TDES_KEY, '00' * 8, '6b2062726f776e20', 'cce21c8112256fe6'),
    (TDES_KEY, '00' * 8, '666f78206a756d70', '68d5c05dd9b6b900'),
    (bytes(range(24)).hex(), '00' * 8, bytes(range(32)).hex(), '58ed248f77f6b19eac45bbf80595c5c0'
     '067664a7f6262d60edb2c9b043c9ecce'),
]


def tdes_cbc():
    write('tdes_cbc.txt', 'NIST SP 800-67 appendix B.1; libgcrypt',
          [list(zip(('key', 'iv', 'plain', 'cipher'), r)) for r in TDES])


# RFC 2202 section 2, cases 1, 2, 3, 6, 7
MD5 = [
    ('0b' * 16, b'Hi There'.hex(), '9294727a3638bb1c13f48ef8158bfc9d'),
    (b'Jefe'.hex(), b'what do ya want for nothing?'.hex(),
     '750c783e6ab0b503eaa86e310a5db738'),
    ('aa' * 16, 'dd' * 50, '56be34521d144c88dbb8c733f0e8b3f6'),
    ('aa' * 80, b'Test Using Larger Than Block-Size Key - '
     b'Hash Key First'.hex(), '6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd'),
    ('aa' * 80, b'Test Using Larger Than Block-Size Key and Larger '
     b'Than One Block-Size Data'.hex(), '6f630fad67cda0ee1fb1f562db3aa53e'),
]
# RFC 2202 section 3, cases 1, 2, 3, 6, 7
SHA1 = [
    ('0b' * 20, b'Hi There'.hex(),
     'b617318655057264e28bc0b6fb378c8ef146be00'),
    (b'Jefe'.hex(), b'what do ya want for nothing?'.hex(),
     'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'),
    ('aa' * 20, 'dd' * 50, '125d7342b9ac11cd91a39af48aa17b4f63f175d3'),
    ('aa' * 80, b'Test Using Larger Than Block-Size Key - '
     b'Hash Key First'.hex(), 'aa4ae5e15272d00e95705637ce8a3b55ed402112'),
    ('aa' * 80, b'Test Using Larger Than Block-Size Key and Larger '
     b'Than One Block-Size Data'.hex(),
     'e8e99d0f45237d786d6bbaa7965c7808bbff1a91'),
]


def hmacs():
    recs = []
    for code, name, cases in ((5, 'md5', MD5), (1, 'sha1', SHA1)):
        for key, msg, mac in cases:
            own = hmac.new(bytes.fromhex(key), bytes.fromhex(msg),
                           name).hexdigest()
            if own != mac:
                sys.exit('RFC 2202: a value is wrong')
            recs.append([('hash', num(code)), ('key', key), ('msg', msg),
                         ('mac', mac)])
    for c in load('rfc/hmac-sha2-rfc4231-4868.json')['cases']:
        for bits in (256, 384, 512):
            recs.append([('hash', num(bits)), ('key', c['key']),
                         ('msg', c['msg']), ('mac', c['hmac_sha%d' % bits])])
    write('hmac_rfc.txt', 'RFC 2202, RFC 4231 cases 1, 2, 3, 4, 6; '
          'hash: 0001 is SHA-1, 0005 MD5', recs)


def wyche_aead(name, out, keysizes):
    recs = []
    for g in load('wycheproof/' + name)['testGroups']:
        if g['ivSize'] != 96 or g['tagSize'] != 128 or \
           g['keySize'] not in keysizes:
            continue        # what ESP and IKE cannot carry
        for t in g['tests']:
            recs.append([('tc', num(t['tcId']))] +
                        [(k, t[k]) for k in ('key', 'iv', 'aad', 'msg', 'ct',
                                             'tag')] +
                        [('result', num(t['result'] == 'valid'))])
    write(out, 'Wycheproof ' + name, recs)


def wyche_hmac():
    recs = []
    for bits in (256, 384, 512):
        d = load('wycheproof/hmac_sha%d_test.json' % bits)
        for g in d['testGroups']:
            for t in g['tests']:
                recs.append([('tc', num(t['tcId'])), ('hash', num(bits))] +
                            [(k, t[k]) for k in ('key', 'msg', 'tag')] +
                            [('result', num(t['result'] == 'valid'))])
    write('wycheproof_hmac.txt', 'Wycheproof hmac_sha256, 384, 512', recs)


def wyche_p256():
    recs = []
    d = load('wycheproof/ecdh_secp256r1_ecpoint_test.json')
    for g in d['testGroups']:
        for t in g['tests']:
            # a compressed point ("acceptable") is not KE data of RFC 5903
            priv = '%064x' % int(t['private'], 16)
            recs.append([('tc', num(t['tcId'])), ('public', t['public']),
                         ('private', priv), ('shared', t['shared']),
                         ('result', num(t['result'] == 'valid'))])
    write('wycheproof_p256.txt', 'Wycheproof ecdh_secp256r1_ecpoint', recs)


def wyche_x25519():
    recs = []
    for g in load('wycheproof/x25519_test.json')['testGroups']:
        for t in g['tests']:
            # "acceptable": all but an all-zero secret are computed
            zero = int(t['shared'], 16) == 0
            recs.append([('tc', num(t['tcId']))] +
                        [(k, t[k]) for k in ('public', 'private', 'shared')] +
                        [('result', num(not zero))])
    write('wycheproof_x25519.txt', 'Wycheproof x25519', recs)


def groups():
    recs = []
    for c in load('rfc/ecp-rfc5903.json')['cases']:
        recs.append([('group', num(c['ike_group']))] +
                    [(k, c[k]) for k in ('i', 'r', 'ke_i', 'ke_r')] +
                    [('shared', c['shared_secret_x'])])
    x = load('rfc/x25519-rfc7748-8031.json')
    for c in x['cases']:
        recs.append([('group', num(31)), ('i', c['priv_i']),
                     ('r', c['priv_r'])] +
                    [(k, c[k]) for k in ('ke_i', 'ke_r', 'shared')])
    write('dh.txt', 'RFC 5903 section 8, RFC 7748 section 6.1, RFC 8031 '
          'appendix A', recs)
    write('x25519_low.txt', 'Points of low order: refused',
          [[('public', p)]
           for p in x['low_order_public_values_must_be_rejected']])
    write('modp.txt', 'RFC 2409 section 6, RFC 3526',
          [[('group', num(g['ike_group'])), ('prime', g['prime'])]
           for g in load('rfc/modp-groups-rfc3526.json')['groups']
           if g['ike_group'] != 1])


NAMES = {
    'Ni': 'ni', 'Nr': 'nr', 'g^ir': 'gir', 'g^ir (new)': 'gir_new',
    'SPIi': 'spi_i', 'SPIr': 'spi_r', 'SKEYSEED': 'skeyseed', 'DKM': 'dkm',
    'DKM(Child SA)': 'child', 'DKM(Child SA D-H)': 'child_dh',
    'SKEYSEED(Rekey)': 'skeyseed_rekey'
}


NAMES1 = {
    'Ni': 'ni', 'Nr': 'nr', 'g^xy': 'gxy', 'CKY_I': 'cky_i', 'CKY_R': 'cky_r',
    'pre-shared-key': 'psk', 'SKEYID': 'skeyid', 'SKEYID_d': 'd',
    'SKEYID_a': 'a', 'SKEYID_e': 'e'
}


def fax(name, names):
    recs = []
    bits = 0
    with open(os.path.join(src, 'nist-cavp-ike', name)) as f:
        for line in f:
            line = line.strip()
            m = re.match(r'\[SHA-(\d+)\]$', line)
            if m:
                bits = int(m.group(1))
            m = re.match(r'COUNT = ', line)
            if m:
                recs.append([('hash', num(bits))])
            m = re.match(r'(.*\S) = ([0-9a-f]+)$', line)
            if m and m.group(1) in names:
                recs[-1].append((names[m.group(1)], m.group(2)))
    if any(len(r) != 1 + len(names) for r in recs):
        sys.exit(name + ': a record is not complete')
    return recs


def ikev2():
    write('ikev2_kdf.txt', 'NIST CAVP 17.3, IKE v2 key derivation; hash: '
          '0001 is SHA-1', fax('ikev2.trimmed.fax', NAMES))


def ikev1():
    write('ikev1_psk.txt', 'NIST CAVP 17.3, IKE v1 with a pre-shared key; '
          'hash: 0001 is SHA-1', fax('ikev1_psk.trimmed.fax', NAMES1))


aes_cbc()
gcm_esp()
chacha_esp()
hmacs()
wyche_aead('aes_gcm_test.json', 'wycheproof_gcm.txt', (128, 256))
wyche_aead('chacha20_poly1305_test.json', 'wycheproof_chacha.txt', (256,))
wyche_hmac()
wyche_p256()
wyche_x25519()
groups()
ikev2()
ikev1()
tdes_cbc()
