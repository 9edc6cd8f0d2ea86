/** What a worker is told: what happened, whether anything was signed, what to do. */

export const STEPS = {
  preparing: '正在准备…',
  checking: '正在核对文件…',
  sending: '正在提交…',
};

export const NO_NAME = '请先在框里写上您的名字';
export const TOO_LITTLE = '名字写得太少了，请点“重写”再写一次';
export const NO_TYPED_NAME = '请先填上您的名字';
export const NOT_WILLING = '请先勾“我看完了合同，是我自己愿意签的”';
export const NO_CODE = '验证码是 6 位数字，请看短信再填';

export const CHECK_FAILED = '文件核对不上，没有签。请重新打开链接';
export const NO_NETWORK = '网络不好，没有签成。请再点一次“确认签字”';
export const NO_ECHO = '网络不好，还不知道签成没有。请再点一次“确认签字”，不会签两次';
export const BUSY = '我们这边忙不过来，没有签成。请过一会儿再点一次“确认签字”';
export const BUSY_AFTER = '您的签字收到了，还没办完。请过一会儿再点一次“确认签字”，不会签两次';
export const PAGE_TOO_OLD = '这一页开得太久了，没有签。请重新打开链接';
export const OUR_FAULT = '我们这边出了毛病，没有签成。过 10 分钟再点链接';

export const CODE_NO_NETWORK = '网络不好，没有发出去。请再点一次“发验证码”';
export const CODE_BUSY = '短信没有发出去。请过一会儿再点一次“发验证码”';

/** @param {string} phone masked */
export function codeSent(phone) {
  return `我们给 ${phone} 发了 6 位数字，5 分钟内有效。没收到？60 秒后可以再点一次“发验证码”`;
}
