package io.concordcache.annotations.cdi;

class WeldTest extends AnnotationsContract {
    @Override
    Container container() {
        return Container.WELD;
    }
}
