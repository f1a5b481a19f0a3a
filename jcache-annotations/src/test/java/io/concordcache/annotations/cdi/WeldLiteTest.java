package io.concordcache.annotations.cdi;

class WeldLiteTest extends AnnotationsContract {
    @Override
    Container container() {
        return Container.WELD_LITE;
    }
}
