/*
 * winscard.h of pcsc-lite where it is installed; else what is needed of it, in this
 * project's words, for the library alone. DWORD and LONG are long on Linux.
 */
#ifndef BENCH_PCSC_H
#define BENCH_PCSC_H
#if __has_include(<winscard.h>)
#include <winscard.h>
#else
typedef unsigned long DWORD;
typedef long LONG;
typedef LONG SCARDCONTEXT;
typedef LONG SCARDHANDLE;

typedef struct {
  DWORD dwProtocol;
  DWORD cbPciLength;
} SCARD_IO_REQUEST;

typedef struct {
  const char *szReader;
  void *pvUserData;
  DWORD dwCurrentState, dwEventState, cbAtr;
  unsigned char rgbAtr[33];
} SCARD_READERSTATE;

#define SCARD_S_SUCCESS 0
#define SCARD_E_TIMEOUT ((LONG)0x8010000A)
#define SCARD_SCOPE_SYSTEM 2
#define SCARD_SHARE_SHARED 2
#define SCARD_PROTOCOL_T0 1
#define SCARD_PROTOCOL_T1 2
#define SCARD_LEAVE_CARD 0
#define SCARD_STATE_UNAWARE 0x00
#define SCARD_STATE_CHANGED 0x02
#define SCARD_STATE_EMPTY 0x10
#define SCARD_STATE_PRESENT 0x20

LONG SCardEstablishContext(DWORD scope, const void *, const void *, SCARDCONTEXT *);
LONG SCardReleaseContext(SCARDCONTEXT);
LONG SCardListReaders(SCARDCONTEXT, const char *groups, char *names, DWORD *length);
LONG SCardConnect(SCARDCONTEXT, const char *reader, DWORD share, DWORD protocols,
                  SCARDHANDLE *, DWORD *active);
LONG SCardDisconnect(SCARDHANDLE, DWORD disposition);
LONG SCardBeginTransaction(SCARDHANDLE);
LONG SCardEndTransaction(SCARDHANDLE, DWORD disposition);
LONG SCardTransmit(SCARDHANDLE, const SCARD_IO_REQUEST *, const unsigned char *, DWORD,
                   SCARD_IO_REQUEST *, unsigned char *, DWORD *);
LONG SCardGetStatusChange(SCARDCONTEXT, DWORD ms, SCARD_READERSTATE *, DWORD count);
#endif
#endif
