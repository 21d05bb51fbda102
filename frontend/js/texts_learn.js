/** Sentences of what a device learns about one meter. */

export const LEARN_TEXTS = {
  en: {
    learn: "Learn this meter",
    learn_title: "Learning this meter",
    learn_few: "From {enough} corrected readings with pictures the page can learn this meter. So far: {number}.",
    learn_offer:
      "There are {number} corrected readings with pictures: enough to learn how this meter looks. It takes about half a minute, here on this device.",
    learn_working: "Learning…",
    learn_loading: "Loading the model…",
    learn_stop: "Stop",
    learn_kept:
      "Learned on {date}: of {pictures} pictures, {after} are read right by what was learned from the others; before that, {before} were. It is used wherever this meter is chosen, and stays on this device.",
    learn_again: "Learn again",
    learn_undo: "Forget what was learned",
    learn_forgotten: "Forgotten: this meter is read as before.",
    learn_not_better:
      "Learning did not help, so nothing was changed: of {pictures} pictures, {after} would be read right; without it, {before} are.",
    learn_more: "More corrected pictures may help: as soon as there are new ones, this can be tried again.",
    learn_not_intact: "Learning made other displays be read worse, so nothing was changed.",
    learn_outdated: "A new model reads now, so what was learned for the old one was dropped. Learn again?",
    learn_unlearnable: "The model in use cannot learn.",
    learn_failed: "Learning did not work. {why}",
    learn_used: "Read with what this device has learned about this meter.",
  },
  ru: {
    learn: "Изучить этот счётчик",
    learn_title: "Изучение счётчика",
    learn_few:
      "По {enough} исправленным показаниям со снимками страница может изучить этот счётчик. Пока таких:\u00a0{number}.",
    learn_offer:
      "Исправленных показаний со снимками: {number}. Этого достаточно, чтобы изучить вид счётчика. Это займёт около полуминуты, здесь, на этом устройстве.",
    learn_working: "Изучение…",
    learn_loading: "Загрузка модели…",
    learn_stop: "Остановить",
    learn_kept:
      "Изучено {date}: снимков — {pictures}, верно читаются {after} (каждый проверен по изученному на остальных), раньше\u00a0— {before}. Действует, когда выбран этот счётчик, и остаётся на этом устройстве.",
    learn_again: "Изучить заново",
    learn_undo: "Забыть изученное",
    learn_forgotten: "Забыто: счётчик читается как прежде.",
    learn_not_better:
      "Изучение не помогло, поэтому ничего не изменено: снимков — {pictures}, верно читались бы {after}, без него\u00a0— {before}.",
    learn_more: "Могут помочь новые исправленные снимки: когда они появятся, можно будет попробовать ещё раз.",
    learn_not_intact: "После изучения другие табло читались бы хуже, поэтому ничего не изменено.",
    learn_outdated: "Теперь читает новая модель, и изученное для прежней отброшено. Изучить заново?",
    learn_unlearnable: "Модель, которая сейчас читает, учиться не может.",
    learn_failed: "Изучить не удалось. {why}",
    learn_used: "Прочитано с учётом того, что устройство узнало об этом счётчике.",
  },
};
